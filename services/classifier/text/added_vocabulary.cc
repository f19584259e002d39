#include "services/classifier/text/added_vocabulary.h"

#include <algorithm>
#include <array>
#include <set>

namespace verdict {
namespace {

// The roles in the order in which transformers adds their tokens.
constexpr std::array<std::string_view, 7> kRoles = {"bos_token", "eos_token", "unk_token", "sep_token",
                                                    "pad_token", "cls_token", "mask_token"};

}  // namespace

AddedVocabulary::AddedVocabulary(const Vocabulary& vocabulary) {
  ids_.reserve(vocabulary.size());
  for (const auto& [token, id] : vocabulary) ids_.insert_or_assign(token, id);
}

void AddedVocabulary::Add(const std::vector<AddedToken>& tokens) {
  int64_t next_id = NextId();
  for (const AddedToken& token : tokens) {
    if (token.content.empty()) continue;
    std::optional<int32_t> id = FindId(token.content);
    if (!id) id = static_cast<int32_t>(std::min<int64_t>(next_id++, PipelineTokenizer::kLargestId));
    added_ids_[token.content] = *id;
    AddedToken& stored = tokens_[*id];
    const bool special = token.special || (stored.special && stored.content == token.content);
    stored = token;
    stored.special = special;
  }
}

void AddedVocabulary::AddConfigured(const TokenizerConfig& config) {
  std::set<std::string> present;
  for (const IdentifiedToken& token : tokens()) present.insert(token.token.content);
  std::vector<AddedToken> additions;
  for (const auto& [id, token] : config.added_tokens) {
    additions.push_back(token);
    present.insert(token.content);
  }
  std::set<std::string> named;
  const auto add_role = [&](const std::optional<AddedToken>& token) {
    if (!token) return;
    named.insert(token->content);
    if (!present.contains(token->content)) additions.push_back(*token);
  };
  for (std::string_view role : kRoles) {
    if (const auto it = config.roles.find(std::string(role)); it != config.roles.end()) add_role(it->second);
  }
  for (const AddedToken& token : config.model_specific_tokens) add_role(token);
  for (const AddedToken& token : config.extra_special_tokens) {
    if (!present.contains(token.content)) additions.push_back(token);
  }
  for (AddedToken& token : additions) token.special |= named.contains(token.content);
  Add(additions);
}

std::optional<int32_t> AddedVocabulary::FindId(std::string_view content) const {
  if (const auto added = added_ids_.find(std::string(content)); added != added_ids_.end()) return added->second;
  if (const auto known = ids_.find(content); known != ids_.end()) return known->second;
  return std::nullopt;
}

int64_t AddedVocabulary::NextId() const {
  const int64_t size = static_cast<int64_t>(ids_.size());
  if (tokens_.empty()) return size;
  const int64_t largest = tokens_.rbegin()->first;
  return largest >= size || size == 0 ? largest + 1 : size;
}

std::vector<IdentifiedToken> AddedVocabulary::tokens() const {
  std::vector<IdentifiedToken> identified;
  for (const auto& [id, token] : tokens_) identified.push_back({token, id});
  return identified;
}

}  // namespace verdict
