#include "gateway/http/request_parser.h"

#include <string>

#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

// Feeds a request in pieces of `piece` bytes, as a session does.
class Parsed {
 public:
  explicit Parsed(std::string bytes, size_t piece = 1 << 20, HttpLimits limits = {})
      : limits_(limits), parser_(request, limits_) {
    std::string waiting;
    for (size_t at = 0; at < bytes.size() && !problem && !parser_.done(); at += piece) {
      waiting += bytes.substr(at, piece);
      Step(waiting);
    }
    left = waiting;
  }
  RequestParser& parser() { return parser_; }

  HttpRequest request;
  std::optional<Problem> problem;
  std::string left;

 private:
  void Step(std::string& waiting) {
    for (size_t used = 1; used > 0 && !problem && !parser_.done() && !waiting.empty();) {
      used = parser_.Feed(waiting, problem);
      waiting.erase(0, used);
      if (!problem && parser_.header_done()) {
        if (!problem) problem = parser_.CheckFraming();
        if (!problem) problem = parser_.CheckBodySize();
        if (!problem) problem = parser_.CheckBodyPlace();
        parser_.ReadBody();
      }
    }
  }

  HttpLimits limits_;
  RequestParser parser_;
};

int StatusOf(const Parsed& parsed) { return parsed.problem ? parsed.problem->status : 0; }

TEST(RequestParserTest, ReadsARequestWholeAndByteByByte) {
  const std::string bytes = "POST /a/b?x=1&y HTTP/1.1\r\nHost: h\r\nX-One: two words \r\nContent-Length: 5\r\n\r\nhelloGET ";
  for (size_t piece : {size_t{1}, size_t{3}, size_t{7}, bytes.size()}) {
    Parsed parsed(bytes, piece);
    ASSERT_EQ(StatusOf(parsed), 0);
    ASSERT_TRUE(parsed.parser().done());
    EXPECT_EQ(parsed.request.method, "POST");
    EXPECT_EQ(parsed.request.path, "/a/b");
    EXPECT_EQ(parsed.request.query, "x=1&y");
    EXPECT_THAT(parsed.request.headers.Find("x-one"), Optional(std::string_view("two words")));
    EXPECT_EQ(parsed.request.body, "hello");
    EXPECT_EQ(parsed.left, std::string("GET ").substr(0, parsed.left.size()));  // the next request is left alone
    EXPECT_TRUE(parsed.parser().keep_alive());
  }
}

TEST(RequestParserTest, ReadsChunksAndDropsTrailers) {
  const std::string bytes =
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "3;ext=1\r\nabc\r\n0a\r\n0123456789\r\n0\r\nX-Trailer: t\r\n\r\n";
  for (size_t piece : {size_t{1}, size_t{5}, bytes.size()}) {
    Parsed parsed(bytes, piece);
    ASSERT_EQ(StatusOf(parsed), 0);
    ASSERT_TRUE(parsed.parser().done());
    EXPECT_EQ(parsed.request.body, "abc0123456789");
    EXPECT_FALSE(parsed.request.headers.Find("X-Trailer"));
  }
}

TEST(RequestParserTest, UnderstandsTheAbsoluteFormAndEmptyLinesBefore) {
  EXPECT_EQ(Parsed("\r\n\r\nGET http://host:80/ping?q HTTP/1.1\r\nHost: h\r\n\r\n").request.path, "/ping");
  EXPECT_EQ(Parsed("GET HTTPS://host HTTP/1.1\r\nHost: h\r\n\r\n").request.path, "/");
  EXPECT_EQ(Parsed("GET http://host?q HTTP/1.1\r\nHost: h\r\n\r\n").request.query, "q");
  EXPECT_EQ(Parsed("\r\nGET /x HTTP/1.1\r\nHost: h\r\n\r\n", 1).request.path, "/x");
}

TEST(RequestParserTest, KeepsHttp10ConnectionsOnlyWhenAsked) {
  EXPECT_FALSE(Parsed("GET / HTTP/1.0\r\n\r\n").parser().keep_alive());
  EXPECT_TRUE(Parsed("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").parser().keep_alive());
  EXPECT_FALSE(Parsed("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").parser().keep_alive());
}

struct Malformed {
  const char* name;
  std::string bytes;
  int status;
};

class MalformedTest : public ::testing::TestWithParam<Malformed> {};

TEST_P(MalformedTest, GetsItsStatus) {
  EXPECT_EQ(StatusOf(Parsed(GetParam().bytes)), GetParam().status);
  EXPECT_EQ(StatusOf(Parsed(GetParam().bytes, 1)), GetParam().status) << "byte by byte";
}

const char kPost[] = "POST / HTTP/1.1\r\nHost: h\r\n";

INSTANTIATE_TEST_SUITE_P(
    Cases, MalformedTest,
    ::testing::Values(
        Malformed{"Garbage", "\x16\x03\x01 hello\r\n\r\n", 400}, Malformed{"NoVersion", "GET /\r\nHost: h\r\n\r\n", 400},
        Malformed{"Http2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400}, Malformed{"NoHost", "GET / HTTP/1.1\r\n\r\n", 400},
        Malformed{"TwoHosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        Malformed{"SpaceBeforeColon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
        Malformed{"BareLineFeed", "GET / HTTP/1.1\nHost: h\n\n\r\n\r\n", 400},
        Malformed{"NulInValue", std::string("GET / HTTP/1.1\r\nHost: h\r\nA: b\0c\r\n\r\n", 36), 400},
        Malformed{"NegativeLength", std::string(kPost) + "Content-Length: -1\r\n\r\n", 400},
        Malformed{"LengthIsNoNumber", std::string(kPost) + "Content-Length: 1x\r\n\r\n", 400},
        Malformed{"LengthOverflows", std::string(kPost) + "Content-Length: 99999999999999999999999\r\n\r\n", 400},
        Malformed{"TwoLengths", std::string(kPost) + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
        Malformed{"LengthAndChunks", std::string(kPost) + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Malformed{"ChunksAndLength", std::string(kPost) + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 400},
        Malformed{"CodingAndLength", std::string(kPost) + "Transfer-Encoding: gzip\r\nContent-Length: 1\r\n\r\n", 400},
        Malformed{"OtherCoding", std::string(kPost) + "Transfer-Encoding: gzip\r\n\r\n", 501},
        Malformed{"CodingUnderChunks", std::string(kPost) + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
        Malformed{"TwoCodings", std::string(kPost) + "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", 501},
        Malformed{"ChunksIn10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Malformed{"ChunkSizeIsNoNumber", std::string(kPost) + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        Malformed{"ChunkWithoutEnd", std::string(kPost) + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n", 400}),
    [](const auto& row) { return row.param.name; });

TEST(RequestParserTest, LimitsTheHeader) {
  HttpLimits limits;
  limits.header_bytes = 200;
  EXPECT_EQ(StatusOf(Parsed("GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(300, 'a') + "\r\n\r\n", 50, limits)), 431);
  EXPECT_EQ(StatusOf(Parsed("GET /" + std::string(300, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n", 50, limits)), 431);
  EXPECT_EQ(StatusOf(Parsed("GET / HTTP/1.1\r\nHost: h\r\nA: " + std::string(100, 'a') + "\r\n\r\n", 50, limits)), 0);
}

TEST(RequestParserTest, LimitsTheHeaderAsAWholeHoweverItArrives) {
  HttpLimits limits;
  limits.header_bytes = 200;
  std::string fields;
  for (int i = 0; i < 20; ++i) fields += "Abcdefg: hijk\r\n";
  for (size_t piece : {size_t{1}, size_t{50}, size_t{150}, size_t{1000}}) {
    EXPECT_EQ(StatusOf(Parsed(
                  "GET /" + std::string(150, 'a') + " HTTP/1.1\r\nHost: h\r\nA: 567890123456789012345678901234567890\r\n\r\n",
                  piece, limits)),
              431);
    EXPECT_EQ(StatusOf(Parsed("GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n", piece, limits)), 431);
    // As it came, not as it is read: folds and blanks fall away.
    std::string folded = "A: b";
    for (int i = 0; i < 20; ++i) folded += "\r\n         c";
    EXPECT_EQ(StatusOf(Parsed("GET / HTTP/1.1\r\nHost: h\r\n" + folded + "\r\n\r\n", piece, limits)), 431);
  }
}

TEST(RequestParserTest, LimitsTheBodyByItsPromiseAndByItsBytes) {
  HttpLimits limits;
  limits.body_bytes = 10;
  Parsed promised(std::string(kPost) + "Content-Length: 11\r\n\r\n", 1000, limits);
  EXPECT_EQ(StatusOf(promised), 413);
  EXPECT_THAT(promised.problem->detail, HasSubstr("10 bytes"));
  const std::string chunked = std::string(kPost) + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(StatusOf(Parsed(chunked + "6\r\n123456\r\n5\r\n12345\r\n0\r\n\r\n", 1000, limits)), 413);
  EXPECT_EQ(StatusOf(Parsed(chunked + "6\r\n123456\r\n4\r\n1234\r\n0\r\n\r\n", 1000, limits)), 0);
  EXPECT_EQ(StatusOf(Parsed(std::string(kPost) + "Content-Length: 10\r\n\r\n0123456789", 1000, limits)), 0);
}

TEST(RequestParserTest, BeforeTheBodyIsWantedThereIsNoMemoryForIt) {
  HttpRequest request;
  const HttpLimits limits;
  RequestParser parser(request, limits);
  std::optional<Problem> problem;
  parser.Feed(std::string(kPost) + "Content-Length: 1000000\r\n\r\nbody", problem);
  ASSERT_TRUE(parser.header_done());
  EXPECT_LT(request.body.capacity(), 100u);
}

TEST(RequestParserTest, ABodyThatIsDroppedIsReadToItsEndAndNotKept) {
  HttpRequest request;
  HttpLimits limits;
  limits.body_bytes = 100;
  limits.inflight_body_bytes = 10;
  RequestParser parser(request, limits);
  std::optional<Problem> problem;
  parser.Feed(std::string(kPost) + "Content-Length: 80\r\n\r\n", problem);
  EXPECT_FALSE(parser.CheckBodySize());
  parser.DropBody();
  EXPECT_EQ(parser.Feed(std::string(80, 'x') + "GET", problem), 80u);
  EXPECT_FALSE(problem);
  EXPECT_TRUE(parser.done());
  EXPECT_EQ(request.body, "");
  EXPECT_EQ(parser.body_bytes(), 80u);
}

TEST(RequestParserTest, DoesNotWaitForAChunkThatSaysItIsTooLarge) {
  HttpLimits limits;
  limits.body_bytes = 5;
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (size_t piece : {size_t{1}, size_t{1000}}) {
    EXPECT_EQ(StatusOf(Parsed(head + "6\r\n", piece, limits)), 413);
    EXPECT_EQ(StatusOf(Parsed(head + "2\r\nab\r\n4;x\r\n", piece, limits)), 413);
    EXPECT_EQ(StatusOf(Parsed(head + "ffffffffffffffff\r\n", piece, limits)), 413);
    EXPECT_EQ(StatusOf(Parsed(head + "2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n", piece, limits)), 0);
  }
}

TEST(RequestParserTest, LimitsWhatAChunkMaySayAboutItself) {
  const std::string start = std::string(kPost) + "Transfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(StatusOf(Parsed(start + "1;" + std::string(40000, 'e'), 4096)), 400);
  EXPECT_EQ(StatusOf(Parsed(start + "0\r\nT: " + std::string(40000, 't'), 4096)), 400);
}

TEST(RequestParserTest, TellsWhetherThereIsABody) {
  EXPECT_FALSE(Parsed("POST / HTTP/1.1\r\nHost: h\r\n\r\n").parser().has_length());
  EXPECT_TRUE(Parsed(std::string(kPost) + "Content-Length: 0\r\n\r\n").parser().has_length());
  EXPECT_TRUE(Parsed(std::string(kPost) + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n").parser().has_length());
}

}  // namespace
}  // namespace verdict
