#include "telemetry/otlp/http_span_exporter.h"

#include <atomic>
#include <exception>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/connect.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/ssl.hpp"
#include "boost/asio/use_awaitable.hpp"
#include "boost/beast/core.hpp"
#include "boost/beast/http.hpp"
#include "boost/beast/ssl.hpp"
#include "common/steady_clock.h"
#include "telemetry/otlp/span_messages.h"

namespace verdict {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace otlp = opentelemetry::proto::collector::trace::v1;
using asio::use_awaitable;
using asio::ip::tcp;

constexpr size_t kMostOfAnAnswer = 64 * 1024;

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

// One connection, and the loop that it lives on. Given up as a whole: what is under way ends with it.
class Connection {
 public:
  Connection(const OtlpEndpoint& endpoint, asio::ssl::context* tls) : endpoint_(endpoint), tls_context_(tls) {}

  ~Connection() {
    plain_.reset();
    tls_.reset();
    if (resolving_) (void)context_.release();  // its end would wait for a name server that does not answer
  }

  // The answer; an exception of the system's, or nothing when the deadline or Stop came first. `cancelled` is looked at once Stop
  // would work.
  std::optional<Response> Send(const Request& request, absl::Time deadline, const std::atomic<bool>& cancelled) {
    std::optional<Response> response;
    std::exception_ptr failure;
    context_->restart();
    if (cancelled) return std::nullopt;
    asio::co_spawn(*context_, Exchange(request, response), [&failure](std::exception_ptr error) { failure = std::move(error); });
    context_->run_until(std::chrono::steady_clock::now() +
                        absl::ToChronoNanoseconds(std::max(deadline - SteadyNow(), absl::ZeroDuration())));
    if (failure) std::rethrow_exception(failure);
    return response;
  }

  void Stop() { context_->stop(); }
  bool used() const { return used_; }  // has answered before: it may have been closed since

 private:
  asio::awaitable<void> Connect() {
    tcp::resolver resolver(*context_);
    resolving_ = true;
    const auto addresses = co_await resolver.async_resolve(endpoint_.host, endpoint_.port, use_awaitable);
    resolving_ = false;
    auto stream = std::make_unique<beast::tcp_stream>(*context_);
    co_await stream->async_connect(addresses, use_awaitable);
    if (tls_context_ == nullptr) {
      plain_ = std::move(stream);
      co_return;
    }
    tls_ = std::make_unique<beast::ssl_stream<beast::tcp_stream>>(std::move(*stream), *tls_context_);
    tls_->set_verify_callback(asio::ssl::host_name_verification(endpoint_.host));
    if (SSL_set_tlsext_host_name(tls_->native_handle(), endpoint_.host.c_str()) != 1) throw std::runtime_error("no name for TLS");
    co_await tls_->async_handshake(asio::ssl::stream_base::client, use_awaitable);
  }

  asio::awaitable<void> Exchange(const Request& request, std::optional<Response>& response) {
    if (!plain_ && !tls_) co_await Connect();
    if (tls_) {
      response = co_await Post(*tls_, request);
    } else {
      response = co_await Post(*plain_, request);
    }
    used_ = true;
  }

  template <typename Stream>
  asio::awaitable<Response> Post(Stream& stream, const Request& request) {
    co_await http::async_write(stream, request, use_awaitable);
    http::response_parser<http::string_body> parser;
    parser.body_limit(kMostOfAnAnswer);
    co_await http::async_read(stream, buffer_, parser, use_awaitable);
    co_return parser.release();
  }

  const OtlpEndpoint& endpoint_;
  asio::ssl::context* const tls_context_;  // null: plain
  std::unique_ptr<asio::io_context> context_ = std::make_unique<asio::io_context>(1);
  std::unique_ptr<beast::tcp_stream> plain_;
  std::unique_ptr<beast::ssl_stream<beast::tcp_stream>> tls_;
  beast::flat_buffer buffer_;
  bool resolving_ = false;
  bool used_ = false;
};

SpanExporter::Outcome Read(const Response& response) {
  const unsigned status = response.result_int();
  if (status / 100 == 2) {
    otlp::ExportTraceServiceResponse message;
    const bool whole = message.ParseFromString(response.body());
    return {.status = absl::OkStatus(), .rejected = whole ? message.partial_success().rejected_spans() : 0};
  }
  SpanExporter::Outcome outcome{.status = absl::UnavailableError(absl::StrCat("the receiver answered ", status))};
  outcome.retry = status == 429 || (status >= 502 && status <= 504);
  int seconds;
  const auto after = response[http::field::retry_after];
  if (absl::SimpleAtoi(std::string(after.data(), after.size()), &seconds) && seconds > 0)
    outcome.retry_after = absl::Seconds(seconds);
  return outcome;
}

class HttpSpanExporter final : public SpanExporter {
 public:
  HttpSpanExporter(OtlpEndpoint endpoint, Resource resource, std::optional<asio::ssl::context> tls)
      : endpoint_(std::move(endpoint)), resource_(std::move(resource)), tls_(std::move(tls)) {}

  Outcome Export(const std::vector<Span>& spans, absl::Time deadline) override {
    const Request request = MakeRequest(spans);
    for (;;) {
      bool used = false;
      try {
        Connection& connection = Connected();
        used = connection.used();
        const std::optional<Response> response = connection.Send(request, deadline, cancelled_);
        if (!response) return GiveUp(cancelled_ ? "shutting down" : "the receiver did not answer in time");
        if (!response->keep_alive()) Disconnect();
        return Read(*response);
      } catch (const std::exception& error) {
        Outcome outcome = GiveUp(error.what());
        if (!used) return outcome;  // else the receiver may have closed a connection that it thought idle
      }
    }
  }

  void Cancel() override {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (connection_) connection_->Stop();
  }

 private:
  Request MakeRequest(const std::vector<Span>& spans) const {
    Request request(http::verb::post, endpoint_.path, 11);
    request.set(http::field::host, endpoint_.target());
    request.set(http::field::user_agent, absl::StrCat("verdict/", resource_.version));
    request.set(http::field::content_type, "application/x-protobuf");
    for (const auto& [name, value] : endpoint_.headers) request.set(name, value);
    request.body() = ToMessage(resource_, spans).SerializeAsString();
    request.prepare_payload();
    return request;
  }

  Connection& Connected() {
    const std::lock_guard lock(mutex_);
    if (!connection_) connection_ = std::make_unique<Connection>(endpoint_, tls_ ? &*tls_ : nullptr);
    return *connection_;
  }

  void Disconnect() {
    const std::lock_guard lock(mutex_);
    connection_.reset();
  }

  Outcome GiveUp(const char* why) {
    Disconnect();
    return {.status = absl::UnavailableError(why), .retry = true};
  }

  const OtlpEndpoint endpoint_;
  const Resource resource_;
  std::optional<asio::ssl::context> tls_;
  std::mutex mutex_;  // guards the pointer
  std::unique_ptr<Connection> connection_;
  std::atomic<bool> cancelled_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SpanExporter>> MakeHttpSpanExporter(const OtlpEndpoint& endpoint, Resource resource) {
  std::optional<asio::ssl::context> tls;
  if (endpoint.tls) {
    boost::system::error_code error;
    tls.emplace(asio::ssl::context::tls_client);
    tls->set_verify_mode(asio::ssl::verify_peer);
    if (endpoint.ca_file.empty()) {
      tls->set_default_verify_paths(error);
    } else {
      tls->load_verify_file(endpoint.ca_file, error);
    }
    if (error) return absl::InvalidArgumentError(absl::StrCat(endpoint.ca_file, " cannot be read: ", error.message()));
  }
  return std::make_unique<HttpSpanExporter>(endpoint, std::move(resource), std::move(tls));
}

}  // namespace verdict
