// A server for which there is no memory at times, as the tests say: all of this program's comes from here.
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>

#include "gateway/http/testing/raw_http_client.h"
#include "gateway/testing/http_server_fixture.h"
#include "gmock/gmock.h"

namespace {

std::atomic<size_t> too_much{SIZE_MAX};  // so many bytes at once are not to be had

}  // namespace

void* operator new(size_t size) {
  void* const memory = size < too_much ? std::malloc(size) : nullptr;
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* operator new(size_t size, const std::nothrow_t&) noexcept { return size < too_much ? std::malloc(size) : nullptr; }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace verdict {
namespace {

class HttpServerMemoryTest : public HttpServerTest {
 protected:
  ~HttpServerMemoryTest() override { too_much = SIZE_MAX; }
};

TEST_F(HttpServerMemoryTest, WhatArrivesAndHasNoMemoryClosesItsConnectionOnly) {
  Start();
  const std::string header = "GET /echo HTTP/1.1\r\nHost: h\r\nA: " + std::string(31'000, 'a');
  RawHttpClient other(port()), client(port());
  EXPECT_EQ(other.Ask(GetRequest("/echo"))->status, 200);
  too_much = 20'000;
  ASSERT_TRUE(client.Send(header));
  EXPECT_FALSE(client.Read());
  EXPECT_EQ(other.Ask(GetRequest("/echo"))->status, 200);
  too_much = SIZE_MAX;
  EXPECT_EQ(RawHttpClient(port()).Ask(header + "\r\n\r\n")->status, 200);
}

TEST_F(HttpServerMemoryTest, AConnectionThatHasNoMemoryIsClosedAndTheNextOneServed) {
  options_.limits.max_connections = 1;  // so it is not counted any more either
  Start();
  too_much = 10'000;
  EXPECT_FALSE(RawHttpClient(port()).Ask(GetRequest("/echo")));
  too_much = SIZE_MAX;
  EXPECT_EQ(RawHttpClient(port()).Ask(GetRequest("/echo"))->status, 200);
}

}  // namespace
}  // namespace verdict
