#include "services/classifier/text/sentencepiece_file.h"

#include <bit>

#include "absl/strings/str_cat.h"
#include "common/json_file.h"
#include "common/utf8.h"
#include "services/classifier/text/vocab_file.h"

namespace verdict {
namespace {

// One field of a message: a number, or bytes.
struct Field {
  uint64_t number = 0;
  uint64_t value = 0;      // of the wire types varint, fixed 32 and fixed 64
  std::string_view bytes;  // of a length-delimited field
  bool has_bytes = false;
};

// Walks through the fields of a message in the protobuf wire format.
class FieldReader {
 public:
  explicit FieldReader(std::string_view message) : rest_(message) {}

  bool AtEnd() const { return rest_.empty(); }

  absl::StatusOr<Field> Next() {
    uint64_t tag = 0;
    if (!Varint(tag)) return CutShort();
    Field field;
    field.number = tag >> 3;
    switch (tag & 7) {
      case 0:
        return Varint(field.value) ? absl::StatusOr<Field>(field) : CutShort();
      case 1:
        return Fixed(8, field.value) ? absl::StatusOr<Field>(field) : CutShort();
      case 5:
        return Fixed(4, field.value) ? absl::StatusOr<Field>(field) : CutShort();
      case 2:
        return Bytes(field.bytes) ? (field.has_bytes = true, absl::StatusOr<Field>(field)) : CutShort();
      default:
        return absl::InvalidArgumentError("is not a SentencePiece model");
    }
  }

 private:
  static absl::Status CutShort() { return absl::InvalidArgumentError("is not a SentencePiece model, or is cut short"); }

  bool Varint(uint64_t& value) {
    value = 0;
    for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const uint64_t byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= (byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return true;
    }
    return false;
  }

  bool Fixed(size_t size, uint64_t& value) {
    if (rest_.size() < size) return false;
    for (size_t i = 0; i < size; ++i) value |= static_cast<uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
    rest_.remove_prefix(size);
    return true;
  }

  bool Bytes(std::string_view& bytes) {
    uint64_t size = 0;
    if (!Varint(size) || size > rest_.size()) return false;
    bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

  std::string_view rest_;
};

// Calls `on_field`, which returns a status, with every field.
template <typename OnField>
absl::Status ForEachField(std::string_view message, OnField on_field) {
  for (FieldReader reader(message); !reader.AtEnd();) {
    const absl::StatusOr<Field> field = reader.Next();
    if (!field.ok()) return field.status();
    if (absl::Status status = on_field(*field); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ReadPiece(std::string_view message, SentencePieceFile& file) {
  SentencePieceFile::Piece piece;
  absl::Status status = ForEachField(message, [&](const Field& field) {
    if (field.number == 1 && field.has_bytes) piece.text = std::string(field.bytes);
    if (field.number == 2) piece.score = std::bit_cast<float>(static_cast<uint32_t>(field.value));
    if (field.number == 3) piece.type = static_cast<SentencePieceFile::Type>(static_cast<int64_t>(field.value));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (FindInvalidUtf8(piece.text))
    return absl::InvalidArgumentError(absl::StrCat("piece ", file.pieces.size(), " is not valid UTF-8"));
  file.pieces.push_back(std::move(piece));
  return absl::OkStatus();
}

absl::Status ReadTrainerSpec(std::string_view message, SentencePieceFile& file) {
  return ForEachField(message, [&](const Field& field) {
    if (field.number == 3) file.model_type = static_cast<int64_t>(field.value);
    if (field.number == 40) file.unk_id = static_cast<int64_t>(field.value);
    return absl::OkStatus();
  });
}

absl::Status ReadNormalizerSpec(std::string_view message, SentencePieceFile& file) {
  return ForEachField(message, [&](const Field& field) {
    if (field.number == 2 && field.has_bytes) file.character_map = std::string(field.bytes);
    return absl::OkStatus();
  });
}

}  // namespace

absl::StatusOr<SentencePieceFile> ParseSentencePieceFile(std::string_view bytes) {
  SentencePieceFile file;
  const absl::Status status = ForEachField(bytes, [&](const Field& field) {
    if (!field.has_bytes) return absl::OkStatus();
    if (field.number == 1) return ReadPiece(field.bytes, file);
    if (field.number == 2) return ReadTrainerSpec(field.bytes, file);
    return field.number == 3 ? ReadNormalizerSpec(field.bytes, file) : absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (file.pieces.empty()) return absl::InvalidArgumentError("has no pieces");
  return file;
}

absl::StatusOr<SentencePieceFile> ReadSentencePieceFile(const std::filesystem::path& path) {
  const absl::StatusOr<std::string> bytes = ReadFile(path, kMaxTokenizerFileBytes);
  if (!bytes.ok()) return bytes.status();
  absl::StatusOr<SentencePieceFile> file = ParseSentencePieceFile(*bytes);
  if (file.ok()) return file;
  return absl::InvalidArgumentError(absl::StrCat(path.filename().string(), ": ", file.status().message()));
}

}  // namespace verdict
