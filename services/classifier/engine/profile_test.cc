#include "services/classifier/engine/profile.h"

#include <numeric>

#include "gmock/gmock.h"
#include "services/classifier/engine/load_backend.h"
#include "tests/support/tiny_bert.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::Key;

TEST(ProfileTest, AnOperatorsTimeIsWithoutThoseInsideIt) {
  Profile profile;
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto begin = now();
  {
    const Profile::Span outer(&profile, "outer");
    for (int i = 0; i < 3; ++i) {
      const Profile::Span inner(&profile, 10, 768, 77);
      for (const auto inside = now(); now() - inside < std::chrono::milliseconds(3);) {
      }
    }
  }
  const double whole = std::chrono::duration<double>(now() - begin).count();
  EXPECT_THAT(profile.operators(), ElementsAre(Key("outer"), Key("product 768 x 77")));
  const auto& inner = profile.operators().at("product 768 x 77");
  EXPECT_EQ(inner.calls, 3);
  EXPECT_EQ(inner.flop, 3 * 2 * 10 * 768 * 77);
  EXPECT_GE(inner.seconds, 0.0089);
  EXPECT_LE(inner.seconds + profile.operators().at("outer").seconds, whole);
}

TEST(ProfileTest, NothingIsKeptWithoutAProfile) { const Profile::Span span(nullptr, "nobody asks"); }

TEST(ProfileTest, APassIsDividedAmongItsOperators) {
  TempDirectory folder;
  TinyBert().WriteTo(folder.path());
  Profile profile;
  const auto backend = LoadBackend(*ModelDirectory::Read(folder.path()), {.profile = &profile});
  ASSERT_TRUE(backend.ok()) << backend.status();
  std::vector<std::string> names;
  for (const auto& [name, entry] : profile.operators()) names.push_back(name);  // of the trial pass
  EXPECT_THAT(names, testing::IsSupersetOf({"attention: scores", "attention: softmax", "attention: values", "embeddings",
                                            "layer norm", "other", "product 8 x 24", "product 8 x 12", "product 12 x 8"}));
}

}  // namespace
}  // namespace verdict
