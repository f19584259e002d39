#include "gateway/json/json_body.h"

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/json/monotonic_resource.hpp"
#include "boost/json/parser.hpp"
#include "gateway/http/byte_order_mark.h"

namespace verdict {
namespace {

namespace json = boost::json;

constexpr size_t kMaxMemory = 128 << 20;

// Gives memory until the limit, then throws as memory that has run out does.
class LimitedResource final : public json::memory_resource {
 private:
  void* do_allocate(size_t size, size_t) override {
    if (size > kMaxMemory - used_) throw std::bad_alloc();
    used_ += size;
    return ::operator new(size);
  }
  void do_deallocate(void* memory, size_t size, size_t) override {
    used_ -= size;
    ::operator delete(memory);
  }
  bool do_is_equal(const json::memory_resource& other) const noexcept override { return this == &other; }

  size_t used_ = 0;
};

// A monotonic resource keeps a plain pointer to the one beneath; this owns both. The limit is shared with whoever else counts
// against it.
class BoundedResource final : public json::memory_resource {
 public:
  explicit BoundedResource(std::shared_ptr<LimitedResource> limited) : limited_(std::move(limited)) {}

 private:
  void* do_allocate(size_t size, size_t alignment) override { return monotonic_.allocate(size, alignment); }
  void do_deallocate(void*, size_t, size_t) override {}
  bool do_is_equal(const json::memory_resource& other) const noexcept override { return this == &other; }

  const std::shared_ptr<LimitedResource> limited_;
  json::monotonic_resource monotonic_{1024, limited_.get()};
};

// Null, with the error, where it is no JSON. Throws bad_alloc where values and what parsing needs beside them reach the limit.
json::value Parse(std::string_view text, json::error_code& error) {
  const auto limited = std::make_shared<LimitedResource>();
  json::parser parser{json::storage_ptr(limited.get())};
  parser.reset(json::make_shared_resource<BoundedResource>(limited));
  parser.write(text.data(), text.size(), error);
  return error ? json::value() : parser.release();
}

std::string Expected(std::string_view name) {
  return absl::StrCat("send a JSON object with a string member \"", std::string(name), "\"");
}

}  // namespace

const ProblemOr<JsonOutline>& JsonBody::Outline() {
  if (!outline_) outline_ = ReadJsonOutline(body_);
  return *outline_;
}

ProblemOr<const json::value*> JsonBody::Value() {
  if (const auto* problem = std::get_if<Problem>(&Outline())) return *problem;
  if (value_) return &*value_;
  try {
    json::error_code error;
    json::value value = Parse(WithoutByteOrderMark(body_), error);
    if (error) return Problem{400, absl::StrCat("the body is not valid JSON: ", error.message())};  // the outline knows of none
    value_.emplace(std::move(value));
  } catch (const std::bad_alloc&) {
    return Problem{413, absl::StrCat("the values of the body need more than ", kMaxMemory >> 20, " MiB of memory")};
  }
  return &*value_;
}

ProblemOr<std::string> JsonBody::TakeTextMember(std::string_view name) {
  if (const auto* problem = std::get_if<Problem>(&Outline())) return *problem;
  JsonOutline& outline = std::get<JsonOutline>(*outline_);
  if (outline.kind != JsonKind::kObject) return Problem{400, absl::StrCat("the body is no JSON object: ", Expected(name))};
  const auto member =
      std::find_if(outline.members.begin(), outline.members.end(), [&](const auto& candidate) { return candidate.name == name; });
  if (member == outline.members.end())
    return Problem{400, absl::StrCat("the member \"", std::string(name), "\" is missing: ", Expected(name))};
  if (member->kind != JsonKind::kString) {
    return Problem{
        400, absl::StrCat("the member \"", std::string(name), "\" must be a string, not ", std::string(Describe(member->kind)))};
  }
  return std::move(member->text);
}

}  // namespace verdict
