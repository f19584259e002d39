#pragma once

#include "gateway/http/connection.h"
#include "gateway/http/io_types.h"

namespace verdict {

// Finds out what became of a caller whose request has arrived whole and who sends no more. TCP's FIN says either: that it waits
// for the answer with its sending half closed, which HTTP allows, or that it has left. The two differ once it is sent something,
// which one that has left answers with a reset. So the answer gets a moment; then the caller is sent "100 Continue", which every
// HTTP/1.1 client skips, and is looked at from time to time. Belongs to one request of a session, on the connection's thread.
class DepartureCheck {
 public:
  // `may_ask` is false for HTTP/1.0, which knows no interim answers: its callers are waited for as long as the answer takes.
  DepartureCheck(Connection& connection, bool may_ask) : connection_(connection), may_ask_(may_ask) {}

  // The caller sends no more. May be called again and again.
  void Begin();

  // The connection's limit, which this has set, is over. Closes the connection of a caller that has left.
  Awaitable<> Continue();

 private:
  Connection& connection_;
  const bool may_ask_;
  bool begun_ = false;
  bool asked_ = false;
};

}  // namespace verdict
