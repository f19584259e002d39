#pragma once

#include <functional>

#include "absl/functional/any_invocable.h"
#include "gateway/http/http_message.h"

namespace verdict {

// Takes the answer to one request; called exactly once, on any thread. The request lives until this is called or destroyed.
using Respond = absl::AnyInvocable<void(HttpResponse)>;

// Gives up a request whose caller has gone away; called at most once, on the connection's thread. Empty: nothing to give up.
using CancelRequest = absl::AnyInvocable<void()>;

// Answers a request, at once or later. Must not block: it runs on the thread that serves the other connections, too.
using HttpHandler = std::function<CancelRequest(const HttpRequest& request, Respond respond)>;

}  // namespace verdict
