#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "common/logging.h"

namespace verdict {
namespace {

constexpr size_t kAtOnce = 4096;  // PIPE_BUF: so much is written whole, whoever else writes into the same pipe

// Whether a write of up to kAtOnce would find room.
bool HasRoom(int patience_ms) {
  pollfd fd = {STDERR_FILENO, POLLOUT, 0};
  return poll(&fd, 1, patience_ms) != 0;
}

// False when there is nowhere left to write to.
bool WriteOnce(std::string_view& bytes, size_t most) {
  const ssize_t written = ::write(STDERR_FILENO, bytes.data(), std::min(bytes.size(), most));
  if (written < 0 && errno == EINTR) return true;
  if (written <= 0) return false;
  bytes.remove_prefix(static_cast<size_t>(written));
  return true;
}

// Without a thread: a reader that has stopped reading must not stop us. The first line that finds no room waits this long, the
// next ones not at all. What is lost is lost in the middle of a line, and the next begins where the reader takes up again.
constexpr int kPatienceMs = 1000;

void WriteNow(std::string_view line) {
  static std::mutex mutex;  // keeps lines apart
  static bool stuck = false;
  const std::lock_guard lock(mutex);
  while (!line.empty()) {
    stuck = !HasRoom(stuck ? 0 : kPatienceMs);
    if (stuck || !WriteOnce(line, kAtOnce)) return;
  }
}

// As many whole lines as may be written at once; one longer line goes alone.
std::string_view NextPiece(std::string_view lines) {
  size_t end = lines.find('\n') + 1;
  for (size_t next = end; next < lines.size() && next <= kAtOnce; next = lines.find('\n', next) + 1) end = next;
  if (lines.size() <= kAtOnce) end = lines.size();
  return lines.substr(0, end);
}

// At least between two writes while many lines come: a wake-up for each costs more.
constexpr auto kGather = std::chrono::milliseconds(5);
constexpr size_t kEnoughToWrite = 64 * 1024;
constexpr auto kLastPatience = std::chrono::seconds(1);

}  // namespace

struct LogWriter::State {
  explicit State(size_t most) : most_bytes(most) {}

  const size_t most_bytes;
  std::mutex mutex;  // guards what follows
  std::condition_variable change, written;
  std::string waiting;
  uint64_t dropped = 0;       // in all
  uint64_t dropped_told = 0;  // of those, the ones that a line has told of
  bool writing = false, stopping = false;
  std::thread thread;

  void Add(std::string_view line) {
    const std::lock_guard lock(mutex);
    if (waiting.size() + line.size() > most_bytes) {
      ++dropped;
      return;
    }
    const bool first = waiting.empty();
    const bool enough = waiting.size() < kEnoughToWrite && waiting.size() + line.size() >= kEnoughToWrite;
    waiting += line;
    if (first || enough) change.notify_one();
  }

  bool idle() const { return waiting.empty() && !writing; }

  void Run() {
    std::chrono::steady_clock::time_point last;
    std::unique_lock lock(mutex);
    for (;;) {
      change.wait(lock, [this] { return stopping || !waiting.empty(); });
      change.wait_until(lock, last + kGather, [this] { return stopping || waiting.size() >= kEnoughToWrite; });
      if (waiting.empty()) return;
      std::string lines = std::exchange(waiting, {});
      writing = true;
      const uint64_t lost = dropped - std::exchange(dropped_told, dropped);
      lock.unlock();
      WriteAll(lines);
      if (lost > 0) LogWarning("log lines were dropped because their reader is slow", {{"dropped", lost}});
      last = std::chrono::steady_clock::now();
      lock.lock();
      writing = false;
      if (waiting.empty()) written.notify_all();
    }
  }

  // May block for as long as the reader does not read.
  static void WriteAll(std::string_view lines) {
    while (!lines.empty()) {
      std::string_view piece = NextPiece(lines);
      lines.remove_prefix(piece.size());
      while (!piece.empty()) {
        if (!WriteOnce(piece, piece.size())) return;
      }
    }
  }
};

namespace {

// The writer that lines go through. Never destroyed: threads may log while the process exits.
struct Current {
  std::mutex mutex;
  std::shared_ptr<LogWriter::State> state;
  uint64_t dropped_before = 0;  // by writers that are gone
};

Current& TheCurrent() {
  static auto* current = new Current;
  return *current;
}

std::shared_ptr<LogWriter::State> CurrentState() {
  Current& current = TheCurrent();
  const std::lock_guard lock(current.mutex);
  return current.state;
}

}  // namespace

LogWriter::LogWriter(size_t most_bytes) : state_(std::make_shared<State>(most_bytes)) {
  // The thread inherits what is blocked: a signal shall reach whoever waits for it, also where we start before them.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  state_->thread = std::thread([state = state_] { state->Run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  Current& current = TheCurrent();
  const std::lock_guard lock(current.mutex);
  current.state = state_;
}

LogWriter::~LogWriter() {
  Current& current = TheCurrent();
  {
    const std::lock_guard lock(current.mutex);
    current.state = nullptr;
  }
  bool done;
  {
    std::unique_lock lock(state_->mutex);
    state_->stopping = true;
    state_->change.notify_one();
    done = state_->written.wait_for(lock, kLastPatience, [this] { return state_->idle(); });
    if (!done) state_->thread.detach();  // it is inside a write that may never end
    const std::lock_guard current_lock(current.mutex);
    current.dropped_before += state_->dropped;
  }
  if (done) state_->thread.join();
}

void FlushLog() {
  const auto state = CurrentState();
  if (!state) return;
  std::unique_lock lock(state->mutex);
  state->written.wait_for(lock, kLastPatience, [&] { return state->idle(); });
}

uint64_t DroppedLogLines() {
  Current& current = TheCurrent();
  const std::lock_guard lock(current.mutex);
  if (!current.state) return current.dropped_before;
  const std::lock_guard state_lock(current.state->mutex);
  return current.dropped_before + current.state->dropped;
}

void WriteLogLine(std::string_view line) {
  if (const auto state = CurrentState()) return state->Add(line);
  WriteNow(line);
}

}  // namespace verdict
