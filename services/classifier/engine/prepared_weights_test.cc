#include "services/classifier/engine/prepared_weights.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "services/classifier/engine/load_backend.h"
#include "tests/support/tiny_bert.h"

namespace verdict {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void WriteFile(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// What one start finds and leaves.
class PreparedWeightsTest : public testing::Test {
 protected:
  static constexpr size_t kBytes = 700'000;  // three chunks

  void SetUp() override {
    source_.resize(1000);
    for (size_t i = 0; i < source_.size(); ++i) source_[i] = static_cast<float>(i);
  }

  struct Outcome {
    bool found = false;
    std::vector<uint8_t> piece;
    absl::Status saved;
  };
  // Two pieces are asked for; `value` is what this start would lay out.
  Outcome Start(uint8_t value, uint64_t kind = 0) {
    PreparedWeights prepared(file());
    Outcome outcome;
    std::shared_ptr<void> last;
    for (const size_t bytes : {size_t{100}, kBytes}) {
      const std::shared_ptr<void> data(::operator new(bytes), [](void* p) { ::operator delete(p); });
      outcome.found = prepared.Load(team_, {std::as_bytes(std::span(source_))}, {data, bytes, kind});
      auto* const at = static_cast<uint8_t*>(data.get());
      if (!outcome.found) std::fill_n(at, bytes, value);
      outcome.piece.assign(at, at + bytes);
      last = data;
    }
    outcome.saved = prepared.Save(team_);
    return outcome;
  }
  bool Finds(uint8_t value, uint64_t kind = 0) {
    const Outcome outcome = Start(0xEE, kind);
    EXPECT_TRUE(outcome.saved.ok()) << outcome.saved;
    const uint8_t wanted = outcome.found ? value : 0xEE;
    EXPECT_TRUE(std::ranges::all_of(outcome.piece, [wanted](uint8_t byte) { return byte == wanted; }));
    return outcome.found;
  }
  fs::path file() const { return folder_.path() / "kept" / "model-fp32.prepared"; }

  TempDirectory folder_;
  Team team_{2};
  std::vector<float> source_;
};

TEST_F(PreparedWeightsTest, TheSecondStartFindsWhatTheFirstHasKept) {
  EXPECT_FALSE(Start(7).found);
  const auto written = fs::last_write_time(file());
  EXPECT_TRUE(Finds(7));
  EXPECT_EQ(fs::last_write_time(file()), written);
  EXPECT_EQ(std::distance(fs::directory_iterator(file().parent_path()), {}), 1);  // no draft is left
}

TEST_F(PreparedWeightsTest, OtherNumbersAreAnotherPiece) {
  Start(7);
  source_[999] += 1;
  EXPECT_FALSE(Finds(7));
  EXPECT_TRUE(Finds(0xEE));  // and were kept in their turn
  EXPECT_FALSE(Finds(0xEE, 1));
}

TEST_F(PreparedWeightsTest, ADamagedFileIsNeverTaken) {
  Start(7);
  const std::string good = ReadFile(file());
  const auto flipped = [&good](size_t at) {
    std::string bytes = good;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    return bytes;
  };
  std::vector<std::string> damaged = {"", "x", std::string(64, '\0'), good + "x", std::string(1 << 20, '\xff')};
  for (size_t at = 0; at < 48; ++at) damaged.push_back(flipped(at));                         // the header
  for (size_t back = 1; back <= 96; ++back) damaged.push_back(flipped(good.size() - back));  // the index
  for (size_t at = 200; at < good.size() - 200; at += 65'537) damaged.push_back(flipped(at));
  for (size_t length = 1; length < good.size(); length += 50'021) damaged.push_back(good.substr(0, length));
  for (size_t i = 0; i < damaged.size(); ++i) {
    WriteFile(file(), damaged[i]);
    EXPECT_FALSE(Finds(7)) << "damage " << i;
    EXPECT_EQ(ReadFile(file()).size(), good.size());  // and a good one takes its place
  }
}

TEST_F(PreparedWeightsTest, WhatOthersMayWriteToIsNeitherReadNorReplaced) {
  Start(7);
  fs::permissions(file(), fs::perms::others_write, fs::perm_options::add);
  EXPECT_FALSE(Finds(7));
  fs::permissions(file(), fs::perms::others_write, fs::perm_options::remove);
  EXPECT_TRUE(Finds(7));
  fs::rename(file(), file().string() + ".real");
  fs::create_symlink(file().string() + ".real", file());
  EXPECT_FALSE(Finds(7));
  EXPECT_TRUE(fs::is_symlink(file()));
}

// As Kubernetes does with an fsGroup.
TEST_F(PreparedWeightsTest, AGroupOfOursMayWriteToIt) {
  Start(7);
  fs::permissions(file(), fs::perms::group_write, fs::perm_options::add);
  EXPECT_TRUE(Finds(7));
}

TEST_F(PreparedWeightsTest, AStartThatWasKilledWhileItWroteLeavesNothingForEver) {
  fs::create_directories(file().parent_path());
  const fs::path old = file().string() + ".abc123", young = file().string() + ".abc124", other = file().string() + ".copy";
  for (const fs::path& draft : {old, young, other}) WriteFile(draft, "half of it");
  for (const fs::path& draft : {old, other}) fs::last_write_time(draft, fs::file_time_type::clock::now() - std::chrono::hours(1));
  Start(7);
  EXPECT_TRUE(Finds(7));
  EXPECT_FALSE(fs::exists(old));
  EXPECT_TRUE(fs::exists(young));
  EXPECT_TRUE(fs::exists(other));
}

TEST_F(PreparedWeightsTest, WhatIsNoFileIsNotRead) {
  fs::create_directories(file().parent_path());
  ASSERT_EQ(mkfifo(file().c_str(), 0600), 0);
  EXPECT_FALSE(Finds(7));
  fs::remove(file());
  fs::create_directories(file() / "inside");
  EXPECT_FALSE(Finds(7));
  EXPECT_TRUE(fs::is_directory(file()));
}

TEST_F(PreparedWeightsTest, AFolderThatCannotBeMadeIsAnErrorOfSave) {
  PreparedWeights prepared("/proc/no folder can be made here/model-fp32.prepared");
  const std::shared_ptr<void> data(::operator new(8), [](void* p) { ::operator delete(p); });
  EXPECT_FALSE(prepared.Load(team_, {std::as_bytes(std::span(source_))}, {data, 8, 0}));
  const absl::Status saved = prepared.Save(team_);
  EXPECT_EQ(saved.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(saved.message(), testing::HasSubstr("cannot create /proc/no folder"));
}

// The numbers below belong to the version in the file's first bytes: whoever changes how weights are laid out raises both.
TEST_F(PreparedWeightsTest, TheLayoutIsThatOfTheVersion) {
  const std::map<std::string, uint64_t> known = {
      {"fp32", 2000291762588876600U}, {"bf16", 4968786595011014720U}, {"int8", 16594370143101309902U}};
  for (const auto& [precision, sum] : known) {
    const auto directory = ModelDirectory::Read(fs::path(VERDICT_SOURCE_DIR) / "tests/golden/architectures/bert");
    ASSERT_TRUE(LoadBackend(*directory, {.precision = precision, .prepared_weights = folder_.path()}).ok());
    const std::string bytes = ReadFile(folder_.path() / ("bert-" + precision + ".prepared"));
    EXPECT_EQ(bytes.substr(0, 16), "verdict weights1");
    EXPECT_EQ(std::accumulate(bytes.begin(), bytes.end(), uint64_t{0},
                              [](uint64_t total, char byte) { return total * 31 + static_cast<uint8_t>(byte); }),
              sum)
        << precision;
  }
}

// Through the loader, in every precision: the same answers to the bit.
TEST_F(PreparedWeightsTest, AnswersAreThoseOfAFreshStart) {
  const auto answer = [&](const fs::path& model, const std::string& precision, const fs::path& prepared) {
    const auto directory = ModelDirectory::Read(model);
    const auto backend = LoadBackend(*directory, {.precision = precision, .threads = 2, .prepared_weights = prepared});
    EXPECT_TRUE(backend.ok()) << backend.status();
    const TokenSequence text{{1, 5, 7, 0, 2}, {0, 0, 0, 0, 0}};
    return (*backend)->Forward({&text})->values;
  };
  for (const auto& entry : fs::directory_iterator(fs::path(VERDICT_SOURCE_DIR) / "tests/golden/architectures")) {
    for (const std::string precision : {"fp32", "bf16", "int8"}) {
      const fs::path prepared = folder_.path() / "prepared";
      const auto fresh = answer(entry.path(), precision, "");
      EXPECT_EQ(answer(entry.path(), precision, prepared), fresh) << entry.path() << precision;
      const fs::path kept = prepared / (entry.path().filename().string() + "-" + precision + ".prepared");
      ASSERT_TRUE(fs::exists(kept));
      const auto written = fs::last_write_time(kept);
      EXPECT_EQ(answer(entry.path(), precision, prepared), fresh) << entry.path() << precision;
      EXPECT_EQ(fs::last_write_time(kept), written) << "laid out again";
    }
  }
}

}  // namespace
}  // namespace verdict
