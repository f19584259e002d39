#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/problem.h"

namespace verdict {

enum class JsonKind { kNull, kBoolean, kNumber, kString, kArray, kObject };

// "a string", "an array", "null", for sentences.
std::string_view Describe(JsonKind kind);

// What a JSON text is on the outside: its kind, and the members of the object that it is. All of it has been checked for syntax,
// but what is inside members is dropped as it is read, so an outline costs about what the text does.
struct JsonOutline {
  struct Member {
    std::string name;
    JsonKind kind = JsonKind::kNull;
    std::string text;  // of a string: its characters, as UTF-8
  };

  JsonKind kind = JsonKind::kNull;
  std::vector<Member> members;  // of an object; of members with the same name the last one, as in Python

  // Null when there is no such member.
  const Member* Find(std::string_view name) const;
  bool Has(std::string_view name) const { return Find(name) != nullptr; }
};

inline constexpr size_t kMaxJsonDepth = 32;

// Of all values, however deep: ten times as many as a request has texts. Two bytes make a value, and it costs us ten times what
// two bytes of a text do, on a thread that others wait for.
inline constexpr size_t kMaxJsonValues = 1'000'000;

// Reads the outline of a body. A byte order mark is skipped. Problems are 400 and say what is wrong and where: empty, not UTF-8,
// half a surrogate pair, no JSON, nested deeper than 32 levels, more than 4,096 members in the object; and 413 where there are
// more than a million values, which is found out before the rest is read.
ProblemOr<JsonOutline> ReadJsonOutline(std::string_view body);

}  // namespace verdict
