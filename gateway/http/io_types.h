#pragma once

#include <chrono>

#include "boost/asio/as_tuple.hpp"
#include "boost/asio/awaitable.hpp"
#include "boost/asio/basic_stream_socket.hpp"
#include "boost/asio/basic_waitable_timer.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/use_awaitable.hpp"

namespace verdict {

// Every connection stays on the io_context of one worker, which one thread runs. So the concrete executor does: no strands, no
// locks, no type-erased executors.
using IoExecutor = boost::asio::io_context::executor_type;
using UseAwaitable = boost::asio::use_awaitable_t<IoExecutor>;
template <typename T = void>
using Awaitable = boost::asio::awaitable<T, IoExecutor>;
using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, IoExecutor>;
using IoClock = std::chrono::steady_clock;
using IoTimer = boost::asio::basic_waitable_timer<IoClock, boost::asio::wait_traits<IoClock>, IoExecutor>;

}  // namespace verdict
