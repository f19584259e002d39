#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "boost/json/value.hpp"
#include "gateway/client/classifier_client.h"
#include "gateway/http/problem.h"
#include "gateway/json/json_outline.h"

namespace verdict {

// Most texts that the gateway takes from one request; the service has a limit of its own, and a lower one unless told otherwise.
// A list of empty strings is a few bytes a text here and a few hundred where it is going.
inline constexpr size_t kMaxTexts = 100'000;

// What is wrong with so many elements at `place`: "inputs has 100001 elements; a request takes at most 100000". Nothing where
// they are not too many. To be asked before anything is made of them.
std::optional<std::string> TooManyTexts(std::string_view place, uint64_t count);

// Where a value stands in the body, for sentences: "inputs[3].text".
struct JsonPlace {
  std::string_view name;
  std::optional<size_t> index = std::nullopt;
  std::string_view member = {};
};
std::string ToString(const JsonPlace& place);

JsonKind KindOf(const boost::json::value& value);

// "inputs[3].text must be a string, not a number", as a 400.
Problem WrongType(const JsonPlace& place, std::string_view expected, const boost::json::value& value);

// A string.
ProblemOr<std::string> ReadText(const boost::json::value& value, const JsonPlace& place);

// An object whose text is the member `name`, and the second text of a pair "text_pair"; null counts as absent. Other members are
// refused.
ProblemOr<ClassifyCall::Input> ReadTextObject(const boost::json::object& object, const JsonPlace& place,
                                              std::string_view name = "text");

// A list of one text or of the two of a pair.
ProblemOr<ClassifyCall::Input> ReadTextList(const boost::json::array& list, const JsonPlace& place);

// Every element of a list, by `read`. Too many are a 400.
using ReadElement = absl::FunctionRef<ProblemOr<ClassifyCall::Input>(const boost::json::value&, const JsonPlace&)>;
ProblemOr<std::vector<ClassifyCall::Input>> ReadInputs(const boost::json::array& list, std::string_view name, ReadElement read);

// A body that is the text itself, without a byte order mark. Problem: a 400 where it is not UTF-8.
ProblemOr<std::string> ReadPlainText(std::string_view body);

}  // namespace verdict
