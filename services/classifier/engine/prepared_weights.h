#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/classifier/engine/team.h"

namespace verdict {

// Weights as the kernels read them, kept in a file from one start to the next: laying them out is most of a start. A piece is
// found by the checksum of the numbers that it was made from, all of them, so that a file of another model, or of this one before
// it was trained further, is never taken for the right one. What is missing or damaged is laid out anew. Not thread-safe.
//
// The file: Header, the pieces at multiples of 64 bytes, for each piece an Entry and the checksums of its chunks. Numbers are
// little-endian; checksums are XXH3 (https://github.com/Cyan4973/xxHash), which finds damage and no forger: files that others may
// write to are not read.
class PreparedWeights {
 public:
  // Reads what `file` holds, if it is there, sound, and of nobody but this user, its groups or root.
  explicit PreparedWeights(std::filesystem::path file);
  ~PreparedWeights();
  PreparedWeights(const PreparedWeights&) = delete;
  PreparedWeights& operator=(const PreparedWeights&) = delete;

  // Memory that is to hold a piece.
  struct Piece {
    std::shared_ptr<void> data;
    size_t bytes = 0;
    uint64_t kind = 0;  // pieces of one source and another kind are different ones
  };

  // Fills `piece` with what an earlier start made from `sources`. False when there is nothing: the caller then fills it before
  // Save.
  bool Load(Team& team, const std::vector<std::span<const std::byte>>& sources, const Piece& piece);

  int loaded() const { return loaded_; }
  int missed() const { return static_cast<int>(pieces_.size()) - loaded_; }

  // Writes the file anew, with every piece that was asked for, if one of them was missing and the file is not foreign; makes its
  // folder. It is another file under the same name, so that who reads the old one goes on. Error: kUnavailable, with the reason.
  absl::Status Save(Team& team);

 private:
  using Key = std::array<uint64_t, 2>;
  struct Stored {
    uint64_t offset = 0;
    std::vector<uint64_t> checksums;
  };
  struct Asked {
    Key key;
    Piece piece;
  };

  bool ReadIndex(uint64_t size);
  bool Read(Team& team, const Stored& stored, const Piece& piece) const;
  absl::Status Write(Team& team, int file) const;

  const std::filesystem::path path_;
  int file_ = -1;
  bool foreign_ = false;                               // others may have written it: it is not touched
  std::map<std::pair<Key, uint64_t>, Stored> stored_;  // by key and size
  std::vector<Asked> pieces_;
  int loaded_ = 0;
};

}  // namespace verdict
