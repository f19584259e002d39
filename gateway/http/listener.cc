#include "gateway/http/listener.h"

#include <algorithm>
#include <new>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/redirect_error.hpp"
#include "common/logging.h"
#include "gateway/http/out_of_memory.h"

namespace verdict {

namespace asio = boost::asio;
using boost::asio::ip::tcp;
using boost::system::error_code;

namespace {

// Connections that wait for us to accept them; the kernel cuts it down to net.core.somaxconn.
constexpr int kBacklog = 4096;

// After an accept that failed for want of descriptors or memory: long enough not to spin, short enough not to be noticed.
constexpr auto kRetryAfter = std::chrono::milliseconds(50);

// Between two lines of the log about that.
constexpr auto kQuiet = std::chrono::seconds(5);

struct HostPort {
  std::string host = "0.0.0.0";
  std::string port;
};

HostPort Split(std::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return {.port = std::string(address)};
  std::string_view host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {.host = std::string(host), .port = std::string(address.substr(colon + 1))};
}

absl::StatusOr<tcp::endpoint> Resolve(asio::io_context& context, const std::string& address) {
  const HostPort parts = Split(address);
  uint32_t port;
  if (!absl::SimpleAtoi(parts.port, &port) || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", address, "\" is no address to listen on: use host:port, [v6]:port, or a port alone"));
  }
  error_code error;
  const auto found = tcp::resolver(context).resolve(parts.host, parts.port, tcp::resolver::passive, error);
  if (error || found.empty())
    return absl::InvalidArgumentError(absl::StrCat("cannot resolve ", parts.host, ": ", error.message()));
  return found.begin()->endpoint();
}

std::string Advice(const error_code& error) {
  if (error == asio::error::address_in_use)
    return "; another process has that port: end it, or choose another with --http-listen";
  if (error == asio::error::access_denied) return "; ports below 1024 need a privilege: choose another with --http-listen";
  return "";
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Open(const std::string& address, std::vector<Worker*> workers,
                                                         ConnectionCount& connections) {
  const auto endpoint = Resolve(workers.front()->context(), address);
  if (!endpoint.ok()) return endpoint.status();
  Acceptor acceptor(workers.front()->context());
  error_code error;
  acceptor.open(endpoint->protocol(), error);
  if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(*endpoint, error);
  if (!error) acceptor.listen(kBacklog, error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": ", error.message(), Advice(error)));
  return std::unique_ptr<Listener>(new Listener(std::move(acceptor), std::move(workers), connections));
}

Listener::Listener(Acceptor acceptor, std::vector<Worker*> workers, ConnectionCount& connections)
    : acceptor_(std::move(acceptor)),
      retry_(acceptor_.get_executor()),
      workers_(std::move(workers)),
      connections_(connections),
      port_(acceptor_.local_endpoint().port()) {}

void Listener::Start() {
  asio::co_spawn(acceptor_.get_executor(), Run(), [this](const std::exception_ptr&) { finished_.count_down(); });
}

Awaitable<> Listener::Run() {
  bool failed = false;
  while (!closed_) {
    try {
      if (std::exchange(failed, false)) co_await Pause();
      co_await AcceptNext();
    } catch (const std::bad_alloc&) {
      Failed(asio::error::no_memory);  // that connection is closed; the next one may have memory
      failed = true;
    }
  }
}

Awaitable<> Listener::AcceptNext() {
  error_code error;
  Worker& worker = NextWorker();
  TcpSocket socket = co_await acceptor_.async_accept(worker.context(), asio::redirect_error(UseAwaitable(), error));
  if (!error) {
    Deal(std::move(socket), worker);                                  // also when closed meanwhile: its caller is connected
  } else if (!closed_ && error != asio::error::connection_aborted) {  // the latter: gone before we came to it
    Failed(error);
    co_await Pause();
  }
}

Awaitable<> Listener::Pause() {
  error_code ignored;
  retry_.expires_after(kRetryAfter);
  co_await retry_.async_wait(asio::redirect_error(UseAwaitable(), ignored));
}

// Logged once in a while: it fails again and again until a descriptor is free.
void Listener::Failed(const error_code& error) {
  for (const auto& observer : workers_.front()->conventions().observers) observer->OnAcceptFailed();
  const IoClock::time_point now = IoClock::now();
  if (now < quiet_until_) return;
  quiet_until_ = now + kQuiet;
  UnlessOutOfMemory([&] { LogWarning("cannot accept a connection", {{"error", error.message()}}); });
}

void Listener::Deal(TcpSocket socket, Worker& worker) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  error_code gone;
  const auto endpoint = socket.remote_endpoint(gone);
  std::string peer = gone ? std::string() : endpoint.address().to_string();
  if (!connections_.TryAdd(peer)) return worker.Refuse(std::move(socket));
  absl::Cleanup uncount = [&] { connections_.Remove(peer); };
  worker.Serve(std::move(socket), peer);
  std::move(uncount).Cancel();
}

void Listener::AcceptWaiting() {
  error_code error;
  acceptor_.non_blocking(true, error);
  // Not more than can have waited when this began: new ones may come as fast as these are taken.
  for (int taken = 0; !error && taken < kBacklog; ++taken) {
    Worker& worker = NextWorker();
    TcpSocket socket = acceptor_.accept(worker.context(), error);
    if (!error) Deal(std::move(socket), worker);
  }
}

void Listener::Close() {
  asio::post(acceptor_.get_executor(), [this] {
    if (!closed_) AcceptWaiting();
    closed_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    retry_.cancel();
  });
  finished_.wait();
}

}  // namespace verdict
