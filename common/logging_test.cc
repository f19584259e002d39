#include "common/logging.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <cmath>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_split.h"
#include "boost/json.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

// What `action` writes to stderr.
template <typename Action>
std::string Captured(Action action) {
  testing::internal::CaptureStderr();
  action();
  return testing::internal::GetCapturedStderr();
}

class LoggingTest : public testing::Test {
 protected:
  LoggingTest() { InitLogging("test", LogLevel::kInfo); }
};

TEST_F(LoggingTest, WritesOneJsonObjectPerLineWithTypedFields) {
  const std::string line = Captured([] {
    LogInfo("hello \"world\"\n",
            {{"text", "a\x01\x7f\tb"}, {"count", 3}, {"big", int64_t{1} << 53}, {"ratio", 0.5}, {"on", true}});
  });
  ASSERT_EQ(line.back(), '\n');
  ASSERT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  const boost::json::object object = boost::json::parse(line).as_object();
  EXPECT_EQ(object.at("level").as_string(), "INFO");
  EXPECT_EQ(object.at("process").as_string(), "test");
  EXPECT_EQ(object.at("message").as_string(), "hello \"world\"\n");
  EXPECT_EQ(object.at("text").as_string(), "a\x01\x7f\tb");
  EXPECT_EQ(object.at("count").as_int64(), 3);
  EXPECT_EQ(object.at("big").as_int64(), int64_t{1} << 53);
  EXPECT_EQ(object.at("ratio").as_double(), 0.5);
  EXPECT_TRUE(object.at("on").as_bool());
  EXPECT_THAT(std::string(object.at("time").as_string()), testing::MatchesRegex("....-..-..T..:..:......*Z"));
}

TEST_F(LoggingTest, ReplacesBytesThatAreNotUtf8AndNumbersThatAreNotJson) {
  const std::string line = Captured([] { LogInfo("a\xFF\xC3z", {{"nan", std::nan("")}}); });
  const boost::json::object object = boost::json::parse(line).as_object();
  EXPECT_EQ(object.at("message").as_string(), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_TRUE(object.at("nan").is_null());
}

TEST_F(LoggingTest, DropsWhatIsBelowTheLevel) {
  InitLogging("test", LogLevel::kWarning);
  EXPECT_EQ(Captured([] { LogInfo("quiet"); }), "");
  EXPECT_NE(Captured([] { LogWarning("loud"); }), "");
  EXPECT_NE(Captured([] { LogError("louder"); }), "");
}

TEST_F(LoggingTest, LinesOfManyThreadsNeverMix) {
  const std::string all = Captured([] {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([] {
        for (int i = 0; i < 100; ++i) LogInfo(std::string(200, 'x'), {{"i", i}});
      });
    }
    for (auto& thread : threads) thread.join();
  });
  int lines = 0;
  for (const auto line : absl::StrSplit(all, '\n', absl::SkipEmpty())) {
    EXPECT_NO_THROW(boost::json::parse(std::string(line)));
    ++lines;
  }
  EXPECT_EQ(lines, 400);
}

TEST_F(LoggingTest, AReaderThatHasStoppedReadingCostsLinesAndNotTheProcess) {
  int pipe_fds[2];
  ASSERT_EQ(pipe(pipe_fds), 0);
  const int saved = dup(STDERR_FILENO);
  dup2(pipe_fds[1], STDERR_FILENO);
  const std::string text(1000, 'x');
  for (int i = 0; i < 300; ++i) LogInfo(text);  // far more than a pipe holds
  dup2(saved, STDERR_FILENO);
  for (const int fd : {saved, pipe_fds[0], pipe_fds[1]}) close(fd);
  EXPECT_THAT(Captured([] { LogInfo("again"); }), testing::HasSubstr("again"));
}

TEST_F(LoggingTest, WritesJsonAsItIs) {
  const std::string line = Captured([] { LogInfo("hello", {{"list", LogJson{"[1,{}]"}}, {"more", 1}}); });
  EXPECT_EQ(boost::json::parse(line).at("list").as_array().size(), 2u);
  EXPECT_EQ(JsonString("a\"\xFF"), "\"a\\\"\xEF\xBF\xBD\"");
}

// stderr as a pipe, of which the test reads when it likes.
class LogPipe {
 public:
  LogPipe() {
    EXPECT_EQ(pipe(fds_), 0);
    saved_ = dup(STDERR_FILENO);
    dup2(fds_[1], STDERR_FILENO);
  }
  ~LogPipe() {
    End();
    close(fds_[0]);
  }

  // The lines until the end, which is that of all writers.
  std::vector<std::string> ReadAll() {
    End();
    std::string all;
    char buffer[4096];
    for (ssize_t n = 1; n > 0;) {
      n = read(fds_[0], buffer, sizeof(buffer));
      if (n > 0) all.append(buffer, static_cast<size_t>(n));
    }
    return absl::StrSplit(all, '\n', absl::SkipEmpty());
  }
  int reader() const { return fds_[0]; }

 private:
  void End() {
    if (saved_ < 0) return;
    dup2(saved_, STDERR_FILENO);
    close(saved_);
    close(fds_[1]);
    saved_ = -1;
  }

  int fds_[2];
  int saved_ = -1;
};

// Else a program that starts its log first would end by a signal that it means to wait for.
TEST_F(LoggingTest, AWritersThreadTakesNoSignals) {
  sigset_t term, before;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  LogPipe pipe;
  const LogWriter writer;
  pthread_sigmask(SIG_BLOCK, &term, &before);
  kill(getpid(), SIGTERM);
  LogInfo("still here", {});
  EXPECT_EQ(sigwaitinfo(&term, nullptr), SIGTERM);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_F(LoggingTest, AWriterWritesEveryLineWholeAndInOrder) {
  LogPipe pipe;
  {
    const LogWriter writer;
    for (int i = 0; i < 100; ++i) LogInfo(std::string(i % 10 == 0 ? 5000 : 50, 'x'), {{"i", i}});
    std::vector<char> most(100'000);
    // More than a pipe holds has been logged: read along, while the writer's end waits for it.
    for (size_t got = 0; got < 30'000;) got += static_cast<size_t>(read(pipe.reader(), most.data(), 1000));
  }
  const std::vector<std::string> lines = pipe.ReadAll();
  ASSERT_FALSE(lines.empty());
  for (size_t i = 1; i < lines.size(); ++i) EXPECT_NO_THROW(boost::json::parse(lines[i])) << lines[i];
  EXPECT_EQ(boost::json::parse(lines.back()).at("i").as_int64(), 99);
}

TEST_F(LoggingTest, NobodyWaitsForAReaderAndWhatItCostsIsTold) {
  LogPipe pipe;
  const uint64_t before = DroppedLogLines();
  {
    const LogWriter writer(/*most_bytes=*/10'000);
    for (int i = 0; i < 300; ++i) LogInfo(std::string(1000, 'x'));  // more than pipe and writer hold; nobody reads
    EXPECT_GT(DroppedLogLines(), before);
    std::vector<char> most(500'000);
    std::string seen;
    while (seen.find("log lines were dropped") == std::string::npos) {
      LogInfo("again");
      const ssize_t n = read(pipe.reader(), most.data(), most.size());
      ASSERT_GT(n, 0);
      seen.append(most.data(), static_cast<size_t>(n));
    }
  }
  EXPECT_GT(DroppedLogLines(), before);
}

TEST_F(LoggingTest, TheEndOfAWriterDoesNotWaitForAReaderThatNeverReads) {
  LogPipe pipe;
  {
    const LogWriter writer;
    for (int i = 0; i < 300; ++i) LogInfo(std::string(1000, 'x'));
  }
  EXPECT_GT(pipe.ReadAll().size(), 10u);  // its thread ends when the pipe is read
}

TEST_F(LoggingTest, WhatIsFlushedIsOut) {
  LogPipe pipe;
  const LogWriter writer;
  for (int i = 0; i < 100; ++i) {
    LogInfo("a line");
    FlushLog();
    pollfd fd = {pipe.reader(), POLLIN, 0};
    ASSERT_EQ(poll(&fd, 1, 0), 1) << i;
    char line[4096];
    ASSERT_GT(read(pipe.reader(), line, sizeof(line)), 0) << i;
  }
}

TEST_F(LoggingTest, AfterAWriterLinesGoOutAtOnce) {
  { const LogWriter writer; }
  EXPECT_THAT(Captured([] { LogInfo("again"); }), testing::HasSubstr("again"));
}

TEST(ParseLogLevel, TakesNamesOfAnyCaseAndPythonsNumbers) {
  const struct {
    const char* text;
    LogLevel level;
  } cases[] = {{"INFO", LogLevel::kInfo},      {"info", LogLevel::kInfo},       {" Debug ", LogLevel::kDebug},
               {"WARN", LogLevel::kWarning},   {"warning", LogLevel::kWarning}, {"error", LogLevel::kError},
               {"CRITICAL", LogLevel::kError}, {"20", LogLevel::kInfo},         {"10", LogLevel::kDebug},
               {"0", LogLevel::kDebug},        {"25", LogLevel::kWarning},      {"30", LogLevel::kWarning},
               {"40", LogLevel::kError},       {"50", LogLevel::kError}};
  for (const auto& c : cases) {
    const auto level = ParseLogLevel(c.text);
    ASSERT_TRUE(level.ok()) << c.text;
    EXPECT_EQ(*level, c.level) << c.text;
  }
}

TEST(ParseLogLevel, RefusesTheRestAndSaysWhatIsAllowed) {
  for (const char* text : {"", "loud", "-1", "2 0", "info,debug"}) {
    const auto level = ParseLogLevel(text);
    ASSERT_FALSE(level.ok()) << text;
    EXPECT_EQ(level.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(level.status().message()), testing::HasSubstr("use debug"));
  }
}

}  // namespace
}  // namespace verdict
