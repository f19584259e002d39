#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace verdict {

// What a SentencePiece model file holds that tokenizing needs.
struct SentencePieceFile {
  enum class Type : int64_t { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5, kByte = 6 };

  struct Piece {
    std::string text;
    float score = 0;
    Type type = Type::kNormal;
  };

  std::vector<Piece> pieces;  // by id
  int64_t model_type = 1;     // 1: unigram
  int64_t unk_id = 0;
  std::string character_map;  // precompiled_charsmap; may be empty
};

// Reads the fields from the protobuf message that the file is (sentencepiece_model.proto, ModelProto); unknown ones are skipped.
// Errors name the file: those of ReadFile, kInvalidArgument for a message that is cut short, malformed, or has no pieces.
absl::StatusOr<SentencePieceFile> ReadSentencePieceFile(const std::filesystem::path& path);

// The same from memory; errors name no file.
absl::StatusOr<SentencePieceFile> ParseSentencePieceFile(std::string_view bytes);

}  // namespace verdict
