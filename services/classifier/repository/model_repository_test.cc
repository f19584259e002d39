#include "services/classifier/repository/model_repository.h"

#include <atomic>
#include <future>
#include <map>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_backend.h"
#include "tests/support/fake_tokenizer.h"

namespace verdict {
namespace {

using testing::HasSubstr;

class ModelRepositoryTest : public testing::Test {
 protected:
  ModelRepositoryTest() { repository_.Expect("tickets", {"tickets"}); }

  std::unique_ptr<ModelClassifier> Model(const std::string& name, const std::string& version) {
    ModelClassifier::Parts parts;
    parts.info.name = name;
    parts.info.version = version;
    parts.info.labels = {"a", "b"};
    parts.info.max_tokens = 10;
    parts.tokenizer = std::make_unique<FakeTokenizer>();
    auto backend = std::make_unique<FakeBackend>();
    backends_[name] = backend.get();
    parts.backend = std::move(backend);
    return std::make_unique<ModelClassifier>(std::move(parts), admission_, BatchScheduler::Options{});
  }

  absl::StatusOr<ClassifyResponse> Classify(const std::string& model, const std::string& version = "") {
    ClassifyRequest request{.model = model, .model_version = version, .inputs = {{"x", std::nullopt}}, .options = {}};
    std::promise<absl::StatusOr<ClassifyResponse>> promise;
    repository_.Classify(std::move(request), {},
                         [&](absl::StatusOr<ClassifyResponse> response) { promise.set_value(std::move(response)); });
    return promise.get_future().get();
  }

  absl::Status Add(std::unique_ptr<ModelClassifier> model) {
    auto reservation = repository_.Reserve(model->info().name);
    if (reservation.ok()) repository_.Add(*std::move(reservation), std::move(model));
    return reservation.status();
  }

  absl::Status Remove(const std::string& name) {
    return repository_.Remove(name, [] {});
  }

  std::map<std::string, FakeBackend*> backends_;  // valid while the model is there
  Admission admission_{Admission::Limits{}};
  ModelRepository repository_{{"router"}};
};

TEST_F(ModelRepositoryTest, IsUnavailableWhileEmpty) {
  EXPECT_EQ(Classify("").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(repository_.Get("", "").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(repository_.List().empty());
}

TEST_F(ModelRepositoryTest, FindsModelsByNameAndTheDefaultByNone) {
  ASSERT_TRUE(Add(Model("tickets", "7")).ok());
  ASSERT_TRUE(Add(Model("mood", "1")).ok());
  EXPECT_EQ(Classify("")->model, "tickets");
  EXPECT_EQ(Classify("mood")->model, "mood");
  EXPECT_EQ(Classify("tickets", "7")->model_version, "7");
}

TEST_F(ModelRepositoryTest, NamesWhatIsNotThere) {
  ASSERT_TRUE(Add(Model("tickets", "7")).ok());
  const absl::Status unknown = Classify("other").status();
  EXPECT_EQ(unknown.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("\"other\""));
  const absl::Status version = Classify("", "8").status();
  EXPECT_EQ(version.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(version.message()), HasSubstr("version \"7\", not \"8\""));
}

TEST_F(ModelRepositoryTest, AnswersALongNameShortly) {
  ASSERT_TRUE(Add(Model("tickets", "1")).ok());
  ASSERT_TRUE(Add(Model("a", "1")).ok());
  const std::string endless(1000000, 'x');
  EXPECT_LT(Classify(endless).status().message().size(), 300u);
  EXPECT_LT(Classify("a", endless).status().message().size(), 300u);
}

TEST_F(ModelRepositoryTest, RefusesASecondModelOfTheSameName) {
  ASSERT_TRUE(Add(Model("tickets", "7")).ok());
  EXPECT_EQ(Add(Model("tickets", "8")).code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Classify("tickets")->model_version, "7");
}

TEST_F(ModelRepositoryTest, ListsByNameAndMarksTheDefault) {
  ASSERT_TRUE(Add(Model("tickets", "7")).ok());
  ASSERT_TRUE(Add(Model("mood", "1")).ok());
  const auto list = repository_.List();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].name, "mood");
  EXPECT_FALSE(list[0].is_default);
  EXPECT_EQ(list[1].name, "tickets");
  EXPECT_TRUE(list[1].is_default);
  EXPECT_TRUE(repository_.Get("", "")->is_default);
  EXPECT_EQ(repository_.Get("nobody", "").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ModelRepositoryTest, AnAwaitedModelIsUnavailableUntilItIsThere) {
  ASSERT_TRUE(Add(Model("mood", "1")).ok());
  const absl::Status status = Classify("tickets").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(std::string(status.message()), "model \"tickets\" is not loaded yet");
  EXPECT_EQ(Classify("other").status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(Add(Model("tickets", "1")).ok());
  ASSERT_TRUE(Remove("tickets").ok());
  EXPECT_EQ(Classify("tickets").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ModelRepositoryTest, SaysThatThereIsNoDefault) {
  ModelRepository repository;
  EXPECT_EQ(repository.Get("", "").status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(repository.Get("any", "").status().code(), absl::StatusCode::kUnavailable);
  repository.Expect("", {});
  absl::Status status;
  repository.Classify({}, {}, [&](absl::StatusOr<ClassifyResponse> response) { status = response.status(); });
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(std::string(status.message()), "the request names no model, and this server has no default model");
}

TEST_F(ModelRepositoryTest, AReservedNameIsTakenUntilItIsGivenBack) {
  {
    const auto first = repository_.Reserve("mood");
    ASSERT_TRUE(first.ok());
    EXPECT_EQ(repository_.Reserve("mood").status().code(), absl::StatusCode::kAlreadyExists);
    EXPECT_EQ(Add(Model("mood", "1")).code(), absl::StatusCode::kAlreadyExists);
  }
  EXPECT_TRUE(Add(Model("mood", "1")).ok());
  EXPECT_EQ(repository_.Reserve("router").status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(ModelRepositoryTest, ACallerCannotTakeTheNameOfAModelThatIsToCome) {
  EXPECT_EQ(repository_.ReserveOnRequest("tickets").status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(repository_.ReserveOnRequest("mood").ok());
  EXPECT_TRUE(repository_.Reserve("tickets").ok());
  ASSERT_TRUE(Add(Model("tickets", "1")).ok());
  ASSERT_TRUE(Remove("tickets").ok());
  EXPECT_TRUE(repository_.ReserveOnRequest("tickets").ok());
  ModelRepository starting;
  EXPECT_EQ(starting.ReserveOnRequest("any").status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ModelRepositoryTest, TellsAVersionAlone) {
  EXPECT_EQ(repository_.VersionOf("tickets").status().code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(Add(Model("tickets", "7")).ok());
  EXPECT_EQ(*repository_.VersionOf(""), "7");
  EXPECT_EQ(repository_.VersionOf("other").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ModelRepositoryTest, RemoveTakesTheNameAwayAndLetsItBeUsedAgain) {
  ASSERT_TRUE(Add(Model("mood", "1")).ok());
  ASSERT_TRUE(Add(Model("tickets", "1")).ok());
  EXPECT_TRUE(Remove("mood").ok());
  EXPECT_EQ(Classify("mood").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Remove("mood").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(repository_.List().size(), 1u);
  ASSERT_TRUE(Add(Model("mood", "2")).ok());
  EXPECT_EQ(Classify("mood")->model_version, "2");
}

TEST_F(ModelRepositoryTest, RemoveWaitsForTheRequestsUnderWay) {
  ASSERT_TRUE(Add(Model("mood", "1")).ok());
  FakeBackend& backend = *backends_.at("mood");
  backend.Hold();
  auto answer = std::async(std::launch::async, [&] { return Classify("mood"); });
  backend.AwaitBatches(1);
  std::atomic<bool> removed = false;
  std::thread remover([&] {
    EXPECT_TRUE(Remove("mood").ok());
    removed = true;
  });
  while (repository_.Get("mood", "").ok()) std::this_thread::yield();  // until the name is gone
  EXPECT_FALSE(removed);
  EXPECT_EQ(repository_.Reserve("mood").status().code(), absl::StatusCode::kAlreadyExists);  // its memory is not back yet
  backend.Release();
  EXPECT_TRUE(answer.get().ok());
  remover.join();
  EXPECT_TRUE(repository_.Reserve("mood").ok());
}

// Models come and go while requests are under way: each request is answered, or finds nothing.
TEST_F(ModelRepositoryTest, RequestsAndRemovalsMeetAtAnyTime) {
  ASSERT_TRUE(Add(Model("tickets", "1")).ok());
  std::atomic<bool> stop = false;
  std::atomic<int> answered = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 3; ++i) {
    callers.emplace_back([&] {
      while (!stop) {
        const absl::Status status = Classify("mood").status();
        EXPECT_TRUE(status.ok() || absl::IsNotFound(status)) << status;
        answered += status.ok() ? 1 : 0;
      }
    });
  }
  for (int round = 0; round < 50; ++round) {
    ASSERT_TRUE(Add(Model("mood", "1")).ok());
    for (const int before = answered; answered < before + 3;) std::this_thread::yield();
    ASSERT_TRUE(Remove("mood").ok());
  }
  stop = true;
  for (auto& caller : callers) caller.join();
}

}  // namespace
}  // namespace verdict
