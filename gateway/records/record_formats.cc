#include "gateway/records/record_formats.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "gateway/http/accept.h"
#include "gateway/http/content_negotiation.h"

namespace verdict {
namespace {

using Kind = RecordFormat::Kind;

constexpr char kJsonType[] = "application/json";
constexpr char kCsvType[] = "text/csv";
constexpr char kJsonLinesType[] = "application/jsonlines";
constexpr char kWritten[] = "application/jsonlines (also application/x-ndjson, application/jsonl), text/csv, application/json";

// The type of that name, as a static; empty when it is none of JSON Lines.
std::string_view JsonLinesType(std::string_view type) {
  static constexpr std::array<std::string_view, 5> kTypes = {kJsonLinesType, "application/json-lines", "application/jsonl",
                                                             "application/x-ndjson", "application/ndjson"};
  const auto* found = std::find(kTypes.begin(), kTypes.end(), type);
  return found == kTypes.end() ? std::string_view() : *found;
}

bool IsJsonLines(std::string_view type) { return !JsonLinesType(type).empty(); }

enum class Input { kJsonLines, kCsv, kText, kJson };

Input InputOf(std::string_view type) {
  if (IsJsonLines(type)) return Input::kJsonLines;
  if (type == kCsvType) return Input::kCsv;
  return type == "text/plain" ? Input::kText : Input::kJson;
}

// What one choice is made of.
struct Offer {
  RecordFormat native;              // where the caller has no preference
  Kind of_json = Kind::kJsonArray;  // what application/json means
};

Offer OfferFor(Input input, std::string_view type, bool batch) {
  switch (input) {
    case Input::kJsonLines:
      return {.native = {Kind::kJsonLines, JsonLinesType(type), false}};
    case Input::kCsv:
      return {.native = {Kind::kCsv, kCsvType, false}};
    case Input::kText:
      if (batch) return {.native = {Kind::kJsonLines, kJsonLinesType, false}};
      return {.native = {Kind::kJsonObject, kJsonType, false}, .of_json = Kind::kJsonObject};
    case Input::kJson:
      // Lines of documents are answered in kind, and joined line by line.
      return {.native = {Kind::kJsonLines, kJsonType, false}, .of_json = Kind::kJsonLines};
  }
  return {};
}

std::optional<RecordFormat> FormatOf(const MediaRange& range, const Offer& offer) {
  if (range.type == kJsonType) return RecordFormat{offer.of_json, kJsonType, false};
  if (IsJsonLines(range.type)) return RecordFormat{Kind::kJsonLines, JsonLinesType(range.type), false};
  if (range.type == kCsvType) return RecordFormat{Kind::kCsv, kCsvType, MediaParameter(range.parameters, "header") == "present"};
  return std::nullopt;
}

RecordFormat Preferred(const Offer& offer, const RecordSettings& settings) {
  const std::string type = ParseMediaType(settings.default_accept).type;
  return FormatOf({type, settings.default_accept}, offer).value_or(offer.native);
}

bool Refused(const std::vector<MediaRange>& ranges, const RecordFormat& format) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const MediaRange& range) { return range.weight == 0 && range.type == format.media_type; });
}

// What a range with a star stands for: the preferred format where it fits, else the first that does.
std::optional<RecordFormat> FormatOfStar(const MediaRange& range, const Offer& offer, const std::vector<MediaRange>& ranges,
                                         const RecordSettings& settings) {
  if (!range.type.ends_with("/*")) return std::nullopt;
  const std::string_view family = range.type == "*/*" ? "" : std::string_view(range.type).substr(0, range.type.size() - 1);
  const RecordFormat candidates[] = {Preferred(offer, settings),
                                     offer.native,
                                     {offer.of_json, kJsonType, false},
                                     {Kind::kJsonLines, kJsonLinesType, false},
                                     {Kind::kCsv, kCsvType, false}};
  for (const RecordFormat& format : candidates) {
    if (format.media_type.starts_with(family) && !Refused(ranges, format)) return format;
  }
  return std::nullopt;
}

std::optional<RecordFormat> Choose(const HttpRequest& head, const Offer& offer, const RecordSettings& settings) {
  const std::vector<MediaRange> ranges = ParseAccept(head);
  if (ranges.empty()) return Preferred(offer, settings);
  for (const MediaRange& range : ranges) {
    if (range.weight == 0) break;  // the lightest are last
    if (auto format = FormatOf(range, offer)) return format;
    if (auto format = FormatOfStar(range, offer, ranges, settings)) return format;
  }
  return std::nullopt;
}

ProblemOr<CsvOptions> ReadCsvOptions(std::string_view content_type, bool batch) {
  CsvOptions options{.header = CsvOptions::Header::kDetect, .lines = batch};
  const std::string header = MediaParameter(content_type, "header");
  if (header == "present") options.header = CsvOptions::Header::kPresent;
  if (header == "absent") options.header = CsvOptions::Header::kAbsent;
  if (header.empty() || options.header != CsvOptions::Header::kDetect) return options;
  return Problem{415,
                 absl::StrCat("the parameter header=", Shortened(header), " of text/csv is not known; use present or absent")};
}

std::unique_ptr<RecordReader> MakeReader(Input input, const CsvOptions& csv, const RecordSettings& settings) {
  if (input == Input::kCsv) return MakeCsvReader(csv, settings.limits);
  if (input != Input::kText) return MakeJsonLinesReader(settings.limits);
  return settings.batch ? MakeTextLinesReader(settings.limits) : MakeWholeTextReader(settings.limits);
}

}  // namespace

bool IsRecordType(std::string_view media_type) {
  return media_type == kJsonType || media_type == kCsvType || IsJsonLines(media_type);
}

bool HasRecords(const HttpRequest& head, const RecordSettings& settings) {
  const auto content_type = head.headers.Find("Content-Type");
  if (!content_type || *content_type == kJsonType) return settings.batch;
  const std::string type = ParseMediaType(*content_type).type;
  if (InputOf(type) != Input::kJson) return true;
  return settings.batch && !RefuseUnlessJson(head);
}

ProblemOr<RecordReading> ReadRecordHead(const HttpRequest& head, const RecordSettings& settings) {
  const std::string_view content_type = head.headers.Find("Content-Type").value_or(kJsonType);
  const MediaType media = ParseMediaType(content_type);
  if (auto refusal = RefuseUnlessUtf8(head)) return *std::move(refusal);
  const ProblemOr<CsvOptions> csv = ReadCsvOptions(content_type, settings.batch);
  const Input input = InputOf(media.type);
  if (const auto* problem = std::get_if<Problem>(&csv); problem != nullptr && input == Input::kCsv) return *problem;
  const auto format = Choose(head, OfferFor(input, media.type, settings.batch), settings);
  if (!format) return Problem{406, absl::StrCat("Accept names nothing that is written here; there are ", kWritten)};
  const auto* options = std::get_if<CsvOptions>(&csv);
  RecordReading reading;
  reading.reader = MakeReader(input, options != nullptr ? *options : CsvOptions(), settings);
  reading.format = *format;
  reading.single = input == Input::kText && !settings.batch;
  reading.maybe_document = input == Input::kJson;
  return reading;
}

RecordFormat DocumentFormat(const HttpRequest& head, const RecordSettings& settings) {
  const RecordFormat object{Kind::kJsonObject, kJsonType, false};
  if (settings.default_accept.empty() && !head.headers.Find("Accept")) return object;
  return Choose(head, {.native = object, .of_json = Kind::kJsonObject}, settings).value_or(object);
}

}  // namespace verdict
