#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "services/classifier/text/byte_level.h"
#include "services/classifier/text/byte_pair_encoding.h"
#include "services/classifier/text/general_pipeline.h"
#include "services/classifier/text/model_json.h"
#include "services/classifier/text/tokenizer_families.h"
#include "services/classifier/text/tokenizer_json.h"
#include "services/classifier/text/vocab_file.h"

namespace verdict {
namespace {

using Merges = std::vector<std::pair<std::string, std::string>>;

// A merges.txt: two tokens per line; a first line may say "#version".
absl::StatusOr<Merges> ReadMergesFile(const std::filesystem::path& path) {
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxTokenizerFileBytes);
  if (!text.ok()) return text.status();
  if (FindInvalidUtf8(*text)) return absl::InvalidArgumentError(absl::StrCat(path.filename().string(), ": is not valid UTF-8"));
  Merges merges;
  size_t number = 0;
  for (std::string_view rest = *text; !rest.empty();) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++number;
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.substr(0, 8) == "#version") continue;
    const size_t space = line.find(' ');
    if (space == line.npos || line.find(' ', space + 1) != line.npos) {
      return absl::InvalidArgumentError(absl::StrCat(path.filename().string(), ": line ", number, ": expected two tokens"));
    }
    merges.emplace_back(line.substr(0, space), line.substr(space + 1));
  }
  return merges;
}

absl::Status ReadFromFiles(const std::filesystem::path& directory, BytePairEncoding::Options& options) {
  const absl::StatusOr<JsonFile> vocabulary = JsonFile::Read(directory / "vocab.json", kMaxTokenizerFileBytes);
  if (absl::IsNotFound(vocabulary.status())) {
    return absl::NotFoundError(absl::StrCat(directory.string(), ": has neither tokenizer.json nor vocab.json"));
  }
  if (!vocabulary.ok()) return vocabulary.status();
  absl::StatusOr<Vocabulary> entries = ReadVocabularyEntries(JsonView(vocabulary->name(), "", vocabulary->object()));
  if (!entries.ok()) return entries.status();
  absl::StatusOr<Merges> merges = ReadMergesFile(directory / "merges.txt");
  if (!merges.ok()) return merges.status();
  options.vocabulary = *std::move(entries);
  options.merges = *std::move(merges);
  return absl::OkStatus();
}

absl::Status ReadFromTokenizerJson(const JsonView& document, BytePairEncoding::Options& options) {
  const absl::StatusOr<std::string> type = ReadModelType(document);
  if (!type.ok()) return type.status();
  const absl::StatusOr<JsonView> model = document.Object("model");
  if (*type != "BPE") return model->Unsupported("type", *type);
  absl::StatusOr<Vocabulary> vocabulary = ReadVocabularyObject(*model, "vocab");
  if (!vocabulary.ok()) return vocabulary.status();
  absl::StatusOr<Merges> merges = ReadMerges(*model);
  if (!merges.ok()) return merges.status();
  options.vocabulary = *std::move(vocabulary);
  options.merges = *std::move(merges);
  return absl::OkStatus();
}

BuiltTokenizer Build(TokenizerSource& source) {
  BytePairEncoding::Options bpe;
  bpe.raw_bytes = true;
  const std::string file = source.tokenizer_json ? "tokenizer.json" : "vocab.json";
  const absl::Status status =
      source.tokenizer_json ? ReadFromTokenizerJson(source.json(), bpe) : ReadFromFiles(source.directory, bpe);
  if (!status.ok()) return status;
  const FamilyTokens tokens(bpe.vocabulary, source.config, file);
  const absl::StatusOr<int32_t> cls = tokens.IdOfRole("cls_token");
  const absl::StatusOr<int32_t> sep = tokens.IdOfRole("sep_token");
  if (!cls.ok()) return cls.status();
  if (!sep.ok()) return sep.status();
  absl::StatusOr<BytePairEncoding> model = BytePairEncoding::Create(bpe);
  if (!model.ok()) return absl::InvalidArgumentError(absl::StrCat(file, ": ", model.status().message()));
  GeneralPipeline::Parts parts;
  parts.pre_tokenizers.push_back(std::make_unique<ByteLevelPreTokenizer>(
      ByteLevelPreTokenizer::Options{source.config.add_prefix_space.value_or(false), true, true}));
  parts.model = std::make_unique<BytePairEncoding>(*std::move(model));
  PipelineTokenizer::Options options;
  options.pipeline = std::make_unique<GeneralPipeline>(std::move(parts));
  options.largest_id = LargestId(bpe.vocabulary);
  options.added_tokens = tokens.tokens();
  options.split_special_tokens = source.config.split_special_tokens;
  options.single = BertSingleTemplate(*cls, *sep);
  options.pair = RobertaPairTemplate(*cls, *sep);
  return NamingFile(file, PipelineTokenizer::Create(std::move(options)));
}

}  // namespace

BuiltTokenizer BuildRoberta(TokenizerSource& source) {
  const absl::Status status = SetDefaultRoles(source.config,
                                              {{"bos_token", "<s>"},
                                               {"eos_token", "</s>"},
                                               {"sep_token", "</s>"},
                                               {"cls_token", "<s>"},
                                               {"unk_token", "<unk>"},
                                               {"pad_token", "<pad>"},
                                               {"mask_token", "<mask>"}},
                                              {"sep_token", "cls_token"});
  return status.ok() ? Build(source) : status;
}

BuiltTokenizer BuildDeberta(TokenizerSource& source) {
  const absl::Status status = SetDefaultRoles(source.config,
                                              {{"bos_token", "[CLS]"},
                                               {"eos_token", "[SEP]"},
                                               {"sep_token", "[SEP]"},
                                               {"cls_token", "[CLS]"},
                                               {"unk_token", "[UNK]"},
                                               {"pad_token", "[PAD]"},
                                               {"mask_token", "[MASK]"}},
                                              {"sep_token", "cls_token"});
  return status.ok() ? Build(source) : status;
}

}  // namespace verdict
