#include "services/classifier/repository/model_repository.h"

#include <future>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_backend.h"
#include "tests/support/fake_tokenizer.h"

namespace verdict {
namespace {

using testing::HasSubstr;

class ModelRepositoryTest : public testing::Test {
 protected:
  std::unique_ptr<ModelClassifier> Model(const std::string& name, const std::string& version) {
    ModelClassifier::Parts parts;
    parts.info.name = name;
    parts.info.version = version;
    parts.info.labels = {"a", "b"};
    parts.info.max_tokens = 10;
    parts.tokenizer = std::make_unique<FakeTokenizer>();
    parts.backend = std::make_unique<FakeBackend>();
    return std::make_unique<ModelClassifier>(std::move(parts), admission_, BatchScheduler::Options{});
  }

  absl::StatusOr<ClassifyResponse> Classify(const std::string& model, const std::string& version = "") {
    ClassifyRequest request{.model = model, .model_version = version, .inputs = {{"x", std::nullopt}}, .options = {}};
    std::promise<absl::StatusOr<ClassifyResponse>> promise;
    repository_.Classify(std::move(request), {},
                         [&](absl::StatusOr<ClassifyResponse> response) { promise.set_value(std::move(response)); });
    return promise.get_future().get();
  }

  Admission admission_{Admission::Limits{}};
  ModelRepository repository_;
};

TEST_F(ModelRepositoryTest, IsUnavailableWhileEmpty) {
  EXPECT_EQ(Classify("").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(repository_.Get("", "").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(repository_.List().empty());
}

TEST_F(ModelRepositoryTest, FindsModelsByNameAndTheFirstByNone) {
  ASSERT_TRUE(repository_.Add(Model("tickets", "7")).ok());
  ASSERT_TRUE(repository_.Add(Model("mood", "1")).ok());
  EXPECT_EQ(Classify("")->model, "tickets");
  EXPECT_EQ(Classify("mood")->model, "mood");
  EXPECT_EQ(Classify("tickets", "7")->model_version, "7");
}

TEST_F(ModelRepositoryTest, NamesWhatIsNotThere) {
  ASSERT_TRUE(repository_.Add(Model("tickets", "7")).ok());
  const absl::Status unknown = Classify("other").status();
  EXPECT_EQ(unknown.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("\"other\""));
  const absl::Status version = Classify("", "8").status();
  EXPECT_EQ(version.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(version.message()), HasSubstr("version \"7\", not \"8\""));
}

TEST_F(ModelRepositoryTest, AnswersALongNameShortly) {
  ASSERT_TRUE(repository_.Add(Model("a", "1")).ok());
  const std::string endless(1000000, 'x');
  EXPECT_LT(Classify(endless).status().message().size(), 300u);
  EXPECT_LT(Classify("a", endless).status().message().size(), 300u);
}

TEST_F(ModelRepositoryTest, RefusesASecondModelOfTheSameName) {
  ASSERT_TRUE(repository_.Add(Model("tickets", "7")).ok());
  EXPECT_EQ(repository_.Add(Model("tickets", "8")).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Classify("tickets")->model_version, "7");
}

TEST_F(ModelRepositoryTest, ListsByNameAndMarksTheDefault) {
  ASSERT_TRUE(repository_.Add(Model("tickets", "7")).ok());
  ASSERT_TRUE(repository_.Add(Model("mood", "1")).ok());
  const auto list = repository_.List();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].name, "mood");
  EXPECT_FALSE(list[0].is_default);
  EXPECT_EQ(list[1].name, "tickets");
  EXPECT_TRUE(list[1].is_default);
  EXPECT_TRUE(repository_.Get("", "")->is_default);
  EXPECT_EQ(repository_.Get("nobody", "").status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace verdict
