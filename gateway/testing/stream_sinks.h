#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gateway/http/http_stream.h"
#include "gateway/http/problem.h"
#include "gateway/testing/event.h"

namespace verdict {

// Sends back what comes, as it comes. The content of a piece may ask for more: "abort" and "refuse".
class EchoSink : public StreamSink {
 public:
  EchoSink(HttpStream& stream, Event& gone) : stream_(stream), gone_(gone) {}
  ~EchoSink() override {
    if (!finished_) gone_.Notify();
  }
  bool wants_data() const override { return stream_.writable(); }
  void Data(std::string_view bytes) override {
    if (bytes.starts_with("refuse")) return stream_.Respond(ToResponse({422, "refused"}, "id"));
    Begin();
    if (bytes.starts_with("abort")) return stream_.Abort("told to");
    stream_.Write(bytes);
  }
  void End() override {
    Begin();
    stream_.Finish();
    finished_ = true;
  }

 private:
  void Begin() {
    if (!stream_.begun()) stream_.Begin({.status = 200, .content_type = "text/plain"});
  }

  HttpStream& stream_;
  Event& gone_;
  bool finished_ = false;
};

// Counts what comes, and answers from another thread.
class CountSink : public StreamSink {
 public:
  explicit CountSink(HttpStream& stream) : stream_(stream) {}
  ~CountSink() override {
    if (thread_.joinable()) thread_.join();
  }
  bool wants_data() const override { return !paused_; }
  void Data(std::string_view bytes) override {
    if (paused_) return stream_.Abort("fed while it paused");
    count_ += bytes.size();
    paused_ = true;
    stream_.RunAfter(absl::ZeroDuration(), [this] { paused_ = false; });
  }
  void End() override {
    thread_ = std::thread([this, executor = stream_.executor()] {
      executor([this] {
        stream_.Begin({.status = 200, .body = absl::StrCat(count_)});
        stream_.Finish();
      });
    });
  }

 private:
  HttpStream& stream_;
  size_t count_ = 0;
  bool paused_ = false;
  std::thread thread_;
};

// Keeps all that comes, and sends it back at the end.
class WholeBodySink : public StreamSink {
 public:
  explicit WholeBodySink(HttpStream& stream) : stream_(stream) {}
  bool wants_data() const override { return true; }
  bool keeps_body() const override { return true; }
  void Data(std::string_view bytes) override { body_ += bytes; }
  void End() override { stream_.Respond({.status = 200, .body = std::move(body_)}); }

 private:
  HttpStream& stream_;
  std::string body_;
};

}  // namespace verdict
