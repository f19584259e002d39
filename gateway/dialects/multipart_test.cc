#include "gateway/dialects/multipart.h"

#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

constexpr char kType[] = "multipart/form-data; boundary=xYz";

std::vector<FormPart> Good(std::string_view type, std::string_view body) {
  auto read = ReadMultipart(type, body);
  if (const auto* problem = std::get_if<Problem>(&read)) {
    ADD_FAILURE() << problem->detail;
    return {};
  }
  return std::get<std::vector<FormPart>>(std::move(read));
}

std::string Refused(std::string_view type, std::string_view body) {
  const auto read = ReadMultipart(type, body);
  const auto* problem = std::get_if<Problem>(&read);
  return problem == nullptr ? "none" : std::to_string(problem->status) + " " + problem->detail;
}

// As curl -F data=@f writes it.
std::string Form(const std::string& content, const std::string& headers =
                                                 "Content-Disposition: form-data; name=\"data\"; "
                                                 "filename=\"f;1.txt\"\r\nContent-Type: text/plain\r\n") {
  return "--xYz\r\n" + headers + "\r\n" + content + "\r\n--xYz--\r\n";
}

TEST(MultipartTest, APartHasItsNameTypeAndBody) {
  const std::string body = Form("I lost\r\nmy --xYz card\n");
  const auto parts = Good(kType, body);
  ASSERT_EQ(parts.size(), 1u);
  EXPECT_EQ(parts[0].name, "data");
  EXPECT_EQ(parts[0].body, "I lost\r\nmy --xYz card\n");
  EXPECT_GE(parts[0].body.data(), body.data()) << "not copied";
}

TEST(MultipartTest, SeveralPartsPreambleEpilogueAndEmptyBodies) {
  const auto parts = Good("Multipart/Form-Data; charset=utf-8; Boundary=\"x Y'z\"",
                          "preamble\r\n--x Y'z \t\r\ncontent-disposition: form-data; name=a\r\n\r\n\r\n--x Y'z\r\n"
                          "Content-Disposition: form-data; filename=q; name=\"b\\\"c\"\r\n\r\n2\r\n--x Y'z--epilogue --x Y'z");
  ASSERT_EQ(parts.size(), 2u);
  EXPECT_EQ(parts[0].name, "a");
  EXPECT_EQ(parts[0].body, "");
  EXPECT_EQ(parts[1].name, "b\"c");
  EXPECT_EQ(parts[1].body, "2");
}

TEST(MultipartTest, WithoutPartsThereAreNone) { EXPECT_TRUE(Good(kType, "--xYz--").empty()); }

TEST(MultipartTest, HostileBodiesAreRefused) {
  const std::string good = Form("a");
  EXPECT_THAT(Refused("multipart/form-data", good), HasSubstr("boundary of 1 to 70"));
  EXPECT_THAT(Refused("multipart/form-data; boundary=\"\"", good), HasSubstr("boundary of 1 to 70"));
  EXPECT_THAT(Refused("multipart/form-data; boundary=" + std::string(71, 'a'), good), HasSubstr("boundary of 1 to 70"));
  EXPECT_THAT(Refused("multipart/form-data; boundary=other", good), HasSubstr("nowhere"));
  EXPECT_THAT(Refused(kType, ""), HasSubstr("nowhere"));
  EXPECT_THAT(Refused(kType, "--xYz"), HasSubstr("closing one is missing"));
  EXPECT_THAT(Refused(kType, "--xYz\r\n--xYz--"), HasSubstr("closing one is missing")) << "a part needs a line of its own";
  EXPECT_THAT(Refused(kType, "--xYz\r\n\r\n--xYz--"), HasSubstr("no empty line"));
  EXPECT_THAT(Refused(kType, "--xYzAndMore\r\n\r\n\r\n--xYz--"), HasSubstr("end of its line"));
  EXPECT_THAT(Refused(kType, Form("a", "Content-Type: text/plain\r\n")), HasSubstr("no name"));
  EXPECT_THAT(Refused(kType, Form("a", "Content-Disposition: form-data\r\n")), HasSubstr("no name"));
  EXPECT_THAT(Refused(kType, Form("a", "Content-Disposition\r\n")), HasSubstr("no colon"));
  EXPECT_THAT(Refused(kType, Form("a", "X: " + std::string(9000, 'x') + "\r\n")), HasSubstr("8 KiB"));
  std::string wide;
  for (int i = 0; i < 3000; ++i) wide += "X: y\r\n";
  EXPECT_THAT(Refused(kType, Form("a", wide)), HasSubstr("8 KiB"));
}

TEST(MultipartTest, PartsAreCounted) {
  const auto form = [](size_t count) {
    std::string body;
    for (size_t i = 0; i < count; ++i) body += "--xYz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n";
    return body + "--xYz--";
  };
  EXPECT_EQ(Good(kType, form(kMaxParts)).size(), kMaxParts);
  EXPECT_THAT(Refused(kType, form(kMaxParts + 1)), HasSubstr("more than 64 parts"));
}

// Wherever a body is cut off, it is refused and nothing is read behind its end (which the address sanitizer would tell).
TEST(MultipartTest, EveryBeginningOfABodyIsRefused) {
  const std::string whole = Form("text");
  const size_t closed = whole.rfind("--") + 2;
  for (size_t size = 0; size < closed; ++size) {
    const std::vector<char> cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_THAT(Refused(kType, {cut.data(), cut.size()}), HasSubstr("400 ")) << size;
  }
}

TEST(MultipartTest, OddHeadersOfTheTypeAreRead) {
  for (const char* type : {"multipart/form-data; boundary=xYz; boundary=other", "multipart/form-data;boundary=xYz;",
                           "multipart/form-data; a=\"b;boundary=no\\\"\"; boundary= xYz "}) {
    EXPECT_EQ(Good(type, Form("a")).size(), 1u) << type;
  }
  for (const char* type : {"multipart/form-data;", "multipart/form-data; boundary", "multipart/form-data; boundary=\"",
                           "multipart/form-data; boundary=\"\\", "multipart/form-data; ;;; ="}) {
    EXPECT_THAT(Refused(type, Form("a")), HasSubstr("400")) << type;
  }
}

}  // namespace
}  // namespace verdict
