#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gateway/http/http_conventions.h"
#include "gateway/http/http_limits.h"
#include "gateway/http/router.h"

namespace verdict {

class ConnectionCount;
class Listener;
class Worker;

// An HTTP/1.1 server: routes in, sockets hidden. Handlers run on its threads; what they answer later may come from any thread,
// but not once the server is gone. Its methods are for one thread, which is none of its own.
class HttpServer {
 public:
  struct Options {
    std::string listen = "0.0.0.0:8080";  // see Listener::Open
    int threads = 1;
    HttpLimits limits;
    HttpConventions conventions = {};
  };

  // Listens when it returns. Errors: those of Listener::Open.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(Options options, Router router);
  ~HttpServer();

  int port() const;

  // Goes on as before, but with every answer its connection ends, so that callers which open another one may be led elsewhere.
  void LastAnswers();

  // Stops accepting, lets requests under way finish and tells their callers that the connection closes; what is not done at
  // `deadline` (by SteadyNow()) is cut off. Returns whether nothing was. Blocks.
  bool Drain(absl::Time deadline);

 private:
  HttpServer(Options options, Router router);

  const Options options_;
  const Router router_;
  std::unique_ptr<ConnectionCount> connections_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace verdict
