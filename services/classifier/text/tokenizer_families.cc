#include "services/classifier/text/tokenizer_families.h"

#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/classifier/text/vocab_file.h"

namespace verdict {
namespace {

// Several names are one class; all of them are without the ending "Fast".
constexpr TokenizerClass kClasses[] = {
    {"BertTokenizer", BuildBert},           {"ConvBertTokenizer", BuildBert},
    {"ElectraTokenizer", BuildBert},        {"LayoutLMTokenizer", BuildBert},
    {"LxmertTokenizer", BuildBert},         {"MobileBertTokenizer", BuildBert},
    {"SqueezeBertTokenizer", BuildBert},    {"DistilBertTokenizer", BuildDistilBert},
    {"MPNetTokenizer", BuildMpnet},         {"FunnelTokenizer", BuildFunnel},
    {"RobertaTokenizer", BuildRoberta},     {"BartTokenizer", BuildRoberta},
    {"LEDTokenizer", BuildRoberta},         {"LongformerTokenizer", BuildRoberta},
    {"DebertaTokenizer", BuildDeberta},     {"XLMRobertaTokenizer", BuildXlmRoberta},
    {"CamembertTokenizer", BuildCamembert}, {"AlbertTokenizer", BuildAlbert},
    {"DebertaV2Tokenizer", BuildDebertaV2}, {"PreTrainedTokenizer", BuildAsWritten},
    {"TokenizersBackend", BuildAsWritten},
};

// The class that transformers has for a model_type of config.json, for those that are built here.
constexpr std::pair<std::string_view, std::string_view> kClassOfModel[] = {
    {"albert", "AlbertTokenizer"},
    {"bart", "RobertaTokenizer"},
    {"bert", "BertTokenizer"},
    {"camembert", "CamembertTokenizer"},
    {"convbert", "BertTokenizer"},
    {"data2vec-text", "RobertaTokenizer"},
    {"deberta", "DebertaTokenizer"},
    {"deberta-v2", "DebertaV2Tokenizer"},
    {"distilbert", "BertTokenizer"},
    {"electra", "BertTokenizer"},
    {"ernie", "BertTokenizer"},
    {"funnel", "FunnelTokenizer"},
    {"ibert", "RobertaTokenizer"},
    {"jina_embeddings_v3", "XLMRobertaTokenizer"},
    {"layoutlm", "BertTokenizer"},
    {"led", "LEDTokenizer"},
    {"longformer", "RobertaTokenizer"},
    {"lxmert", "LxmertTokenizer"},
    {"megatron-bert", "BertTokenizer"},
    {"mobilebert", "MobileBertTokenizer"},
    {"modernbert", "TokenizersBackend"},
    {"modernbert-decoder", "TokenizersBackend"},
    {"mpnet", "MPNetTokenizer"},
    {"mra", "RobertaTokenizer"},
    {"nezha", "BertTokenizer"},
    {"nomic_bert", "BertTokenizer"},
    {"nystromformer", "TokenizersBackend"},
    {"roberta", "RobertaTokenizer"},
    {"roberta-prelayernorm", "RobertaTokenizer"},
    {"squeezebert", "BertTokenizer"},
    {"xlm-roberta", "XLMRobertaTokenizer"},
    {"xlm-roberta-xl", "TokenizersBackend"},
    {"xmod", "XLMRobertaTokenizer"},
    {"yoso", "AlbertTokenizer"},
};

struct ModelNames {
  std::string type;             // model_type of config.json
  std::string tokenizer_class;  // without the ending "Fast"
};

absl::StatusOr<ModelNames> ReadModelNames(const std::filesystem::path& directory) {
  const absl::StatusOr<JsonFile> model = JsonFile::Read(directory / "config.json", kMaxTokenizerFileBytes);
  if (absl::IsNotFound(model.status())) return ModelNames();
  if (!model.ok()) return model.status();
  const absl::StatusOr<std::string> type = model->String("model_type", "");
  const absl::StatusOr<std::string> name = model->String("tokenizer_class", "");
  if (!type.ok()) return type.status();
  if (!name.ok()) return name.status();
  return ModelNames{*type, std::string(absl::StripSuffix(*name, "Fast"))};
}

std::string_view ClassOfModel(std::string_view type) {
  for (const auto& [known, name] : kClassOfModel) {
    if (type == known) return name;
  }
  return "";
}

// A named class goes before that of the model, unless the model's obeys tokenizer.json: then so does every other.
std::string_view Choose(std::string_view named, std::string_view of_model) {
  if (of_model == "TokenizersBackend") return of_model;
  if (!named.empty()) return named;
  return of_model.empty() ? "BertTokenizer" : of_model;
}

}  // namespace

absl::StatusOr<TokenizerClass> FindTokenizerClass(const TokenizerSource& source) {
  const absl::StatusOr<ModelNames> model = ReadModelNames(source.directory);
  if (!model.ok()) return model.status();
  const bool in_tokenizer_config = !source.config.tokenizer_class.empty();
  const std::string& named = in_tokenizer_config ? source.config.tokenizer_class : model->tokenizer_class;
  const std::string_view chosen = Choose(named, ClassOfModel(model->type));
  for (const TokenizerClass& known : kClasses) {
    if (chosen == known.name) return known;
  }
  return absl::UnimplementedError(absl::StrCat(in_tokenizer_config ? "tokenizer_config.json" : "config.json",
                                               ": tokenizer_class: ", Quoted(chosen), " is not supported"));
}

}  // namespace verdict
