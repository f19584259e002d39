#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/http/http_observer.h"

namespace verdict {

// Keeps what it is told. Thread-safe.
class RecordingHttpObserver : public HttpObserver {
 public:
  struct Exchange {
    std::string method, path, request_id, route, dialect;
    int status;
    bool refused, cut_off, too_many_connections;
    uint64_t bytes_in, bytes_out;
    absl::Duration duration;
    ExchangeNotes notes;  // the dialect is not to be looked at
  };

  void OnConnectionOpened() override { Count(opened_); }
  void OnConnectionClosed() override { Count(closed_); }
  void OnConnectionRefused() override { Count(refused_); }
  void OnAcceptFailed() override { Count(failed_accepts_); }
  void OnExchangeBegun() override { Count(begun_); }
  void OnExchange(const FinishedExchange& exchange) override {
    const std::lock_guard lock(mutex_);
    exchanges_.push_back({exchange.request.method, exchange.request.path, exchange.request.request_id,
                          std::string(exchange.route), std::string(exchange.dialect), exchange.status, exchange.refused,
                          exchange.cut_off, exchange.too_many_connections, exchange.bytes_in, exchange.bytes_out,
                          exchange.duration, exchange.notes});
    changed_.notify_all();
  }

  // Waits for so many, but not for ever.
  std::vector<Exchange> Await(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(10), [&] { return exchanges_.size() >= count; });
    return exchanges_;
  }
  bool AwaitClosed(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return closed_ >= count; });
  }
  int opened() { return Get(opened_); }
  int refused() { return Get(refused_); }
  int failed_accepts() { return Get(failed_accepts_); }
  int begun() { return Get(begun_); }

 private:
  void Count(int& number) {
    const std::lock_guard lock(mutex_);
    ++number;
    changed_.notify_all();
  }
  int Get(const int& number) {
    const std::lock_guard lock(mutex_);
    return number;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Exchange> exchanges_;
  int opened_ = 0, closed_ = 0, refused_ = 0, failed_accepts_ = 0, begun_ = 0;
};

}  // namespace verdict
