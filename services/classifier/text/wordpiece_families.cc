#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/classifier/text/tokenizer_families.h"
#include "services/classifier/text/tokenizer_json.h"
#include "services/classifier/text/vocab_file.h"
#include "services/classifier/text/wordpiece_tokenizer.h"

namespace verdict {
namespace {

absl::StatusOr<Vocabulary> ReadVocabulary(const TokenizerSource& source) {
  if (source.tokenizer_json) return ReadWordPieceVocabulary(source.json());
  absl::StatusOr<Vocabulary> vocabulary = ReadVocabFile(source.directory / "vocab.txt");
  if (!absl::IsNotFound(vocabulary.status())) return vocabulary;
  return absl::NotFoundError(absl::StrCat(source.directory.string(), ": has neither tokenizer.json nor vocab.txt"));
}

// What the classes differ in.
struct Shape {
  bool clean_text = true;
  bool gives_type_ids = true;
  int32_t cls_type_id = 0;
  bool is_mpnet = false;
};

BuiltTokenizer Build(TokenizerSource& source, const Shape& shape) {
  const TokenizerConfig& config = source.config;
  absl::StatusOr<Vocabulary> vocabulary = ReadVocabulary(source);
  if (!vocabulary.ok()) return vocabulary.status();
  const std::string file = source.tokenizer_json ? "tokenizer.json" : "vocab.txt";
  const FamilyTokens tokens(*vocabulary, config, file);
  const absl::StatusOr<int32_t> cls = tokens.IdOfRole("cls_token");
  const absl::StatusOr<int32_t> sep = tokens.IdOfRole("sep_token");
  if (!cls.ok()) return cls.status();
  if (!sep.ok()) return sep.status();
  WordPieceTokenizer::Options options;
  options.model.unk_token = config.roles.at("unk_token")->content;
  options.normalizer = {shape.clean_text, config.tokenize_chinese_chars, config.strip_accents,
                        config.do_lower_case.value_or(true)};
  options.single = BertSingleTemplate(*cls, *sep);
  options.pair = shape.is_mpnet ? RobertaPairTemplate(*cls, *sep) : BertPairTemplate(*cls, *sep);
  options.added_tokens = tokens.tokens();
  options.split_special_tokens = config.split_special_tokens;
  options.single.pieces.front().type_id = options.pair.pieces.front().type_id = shape.cls_type_id;
  if (!config.gives_type_ids.value_or(shape.gives_type_ids)) {
    ClearTypeIds(options.single);
    ClearTypeIds(options.pair);
  }
  options.model.vocabulary = *std::move(vocabulary);
  return NamingFile(file, WordPieceTokenizer::Create(options));
}

BuiltTokenizer BuildLikeBert(TokenizerSource& source, bool gives_type_ids) {
  const absl::Status status = SetDefaultRoles(
      source.config,
      {{"unk_token", "[UNK]"}, {"sep_token", "[SEP]"}, {"pad_token", "[PAD]"}, {"cls_token", "[CLS]"}, {"mask_token", "[MASK]"}},
      {"unk_token", "sep_token", "cls_token"});
  return status.ok() ? Build(source, {.gives_type_ids = gives_type_ids}) : status;
}

}  // namespace

BuiltTokenizer BuildBert(TokenizerSource& source) { return BuildLikeBert(source, true); }

BuiltTokenizer BuildDistilBert(TokenizerSource& source) { return BuildLikeBert(source, false); }

BuiltTokenizer BuildMpnet(TokenizerSource& source) {
  const absl::Status status = SetDefaultRoles(source.config,
                                              {{"bos_token", "<s>"},
                                               {"eos_token", "</s>"},
                                               {"sep_token", "</s>"},
                                               {"cls_token", "<s>"},
                                               {"unk_token", "[UNK]"},
                                               {"pad_token", "<pad>"},
                                               {"mask_token", "<mask>"}},
                                              {"unk_token", "sep_token", "cls_token"});
  if (!status.ok()) return status;
  // The class makes ordinary tokens of strings, looked for in normalised text; that of the mask swallows the space before it.
  for (const std::string& role : source.config.string_roles) {
    AddedToken& token = *source.config.roles[role];
    token.normalized = true;
    token.lstrip = role == "mask_token";
  }
  return Build(source, {.gives_type_ids = false, .is_mpnet = true});
}

BuiltTokenizer BuildFunnel(TokenizerSource& source) {
  const absl::Status status = SetDefaultRoles(source.config,
                                              {{"unk_token", "<unk>"},
                                               {"sep_token", "<sep>"},
                                               {"pad_token", "<pad>"},
                                               {"cls_token", "<cls>"},
                                               {"mask_token", "<mask>"},
                                               {"bos_token", "<s>"},
                                               {"eos_token", "</s>"}},
                                              {"unk_token", "sep_token", "cls_token"});
  if (!status.ok()) return status;
  return Build(source, {.clean_text = source.config.clean_text, .gives_type_ids = false, .cls_type_id = 2});
}

}  // namespace verdict
