#include "services/classifier/server.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <fstream>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "tests/support/tiny_bert.h"

namespace verdict {
namespace {

using grpc::health::v1::HealthCheckResponse;
using testing::HasSubstr;

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    bert_.WriteTo(folder_.path());
    std::ofstream vocabulary(folder_.path() / "vocab.txt");
    vocabulary << "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n";
    for (char c = 'a'; c < 'a' + 15; ++c) vocabulary << c << "\n";
    std::ofstream(folder_.path() / "tokenizer_config.json") << R"({"tokenizer_class": "BertTokenizer", "model_max_length": 16})";
    options_.model_dir = folder_.path().string();
    options_.grpc_listen = {"127.0.0.1:0", "unix:" + (folder_.path() / "service.sock").string()};
    options_.threads = 1;
  }

  void Start() {
    server_.emplace(options_);
    const auto ports = server_->Start();
    ASSERT_TRUE(ports.ok()) << ports.status();
    address_ = "127.0.0.1:" + std::to_string(ports->front());
  }

  static grpc::Status Classify(const std::string& address, const std::string& text, v1::ClassifyResponse& response) {
    const auto stub = v1::Classifier::NewStub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    v1::ClassifyRequest request;
    request.add_inputs()->set_text(text);
    return stub->Classify(&context, request, &response);
  }

  HealthCheckResponse::ServingStatus Health() const {
    const auto stub = grpc::health::v1::Health::NewStub(grpc::CreateChannel(address_, grpc::InsecureChannelCredentials()));
    grpc::ClientContext context;
    HealthCheckResponse response;
    EXPECT_TRUE(stub->Check(&context, {}, &response).ok());
    return response.status();
  }

  TempDirectory folder_;
  TinyBert bert_;
  ServiceOptions options_;
  std::optional<Server> server_;
  std::string address_;
};

TEST_F(ServerTest, AnswersOverTcpAndUnixSocketOnceTheModelIsLoaded) {
  Start();
  v1::ClassifyResponse response;
  EXPECT_EQ(Health(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(Classify(address_, "a", response).error_code(), grpc::StatusCode::UNAVAILABLE);
  ASSERT_TRUE(server_->LoadModels().ok());
  EXPECT_EQ(Health(), HealthCheckResponse::SERVING);
  for (const std::string& address : {address_, options_.grpc_listen[1]}) {
    ASSERT_TRUE(Classify(address, "A b", response).ok()) << address;
    EXPECT_EQ(response.results(0).tokens(), 4u);
    EXPECT_EQ(response.results(0).labels_size(), TinyBert::kLabels);
  }
  const auto logits = bert_.Logits({{2, 5, 6, 3}, {0, 0, 0, 0}});
  const size_t best = static_cast<size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
  EXPECT_EQ(response.results(0).labels(0).label_id(), best);
  double sum = 0;
  for (const double logit : logits) sum += std::exp(logit - logits[best]);
  EXPECT_NEAR(response.results(0).labels(0).score(), 1 / sum, 1e-5);
}

TEST_F(ServerTest, ManyCallersAtOnceGetTheirOwnAnswers) {
  Start();
  ASSERT_TRUE(server_->LoadModels().ok());
  std::vector<std::thread> callers;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 8; ++t) {
    callers.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        std::string text;
        for (int k = 0; k <= (t + i) % 10; ++k) text += "a ";
        v1::ClassifyResponse response;
        if (!Classify(address_, text, response).ok() || response.results(0).tokens() != static_cast<uint32_t>((t + i) % 10 + 3))
          ++wrong;
      }
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(ServerTest, RefusesAModelWhoseAnswersHaveChanged) {
  options_.verify_at_load = (folder_.path() / "golden.jsonl").string();
  std::ofstream(options_.verify_at_load) << R"({"text":"a b","ids":[2,5,6,3],"label":"no label of it","top":[]})"
                                         << "\n";
  Start();
  const absl::Status status = server_->LoadModels();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("the model's answers have changed: of 1 texts, token ids differ for 0"));
  EXPECT_EQ(Health(), HealthCheckResponse::NOT_SERVING);
}

TEST_F(ServerTest, SaysInOneLineWhyADirectoryCannotBeServed) {
  const auto error = [&] {
    server_.emplace(options_);
    const absl::Status status = server_->LoadModels();
    EXPECT_FALSE(status.ok());
    const std::string message(status.message());
    EXPECT_THAT(message, testing::Not(HasSubstr("\n")));
    return message;
  };
  const auto weights = folder_.path() / "model.safetensors";
  std::filesystem::resize_file(weights, std::filesystem::file_size(weights) - 100);
  EXPECT_THAT(error(), HasSubstr("it is truncated"));
  std::filesystem::remove(weights);
  EXPECT_THAT(error(), HasSubstr("holds neither model.safetensors nor model.pt"));
  std::filesystem::remove(folder_.path() / "vocab.txt");
  EXPECT_THAT(error(), testing::AnyOf(HasSubstr("vocab.txt"), HasSubstr("tokenizer.json"), HasSubstr("model.safetensors")));
  options_.model_dir = "/no/such/directory";
  EXPECT_THAT(error(), HasSubstr("/no/such/directory: no such model directory"));
}

TEST_F(ServerTest, AnAddressInUseIsNamed) {
  Start();
  options_.grpc_listen = {address_};
  Server second(options_);
  const auto ports = second.Start();
  EXPECT_EQ(ports.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(ports.status().message()), HasSubstr(address_));
}

TEST_F(ServerTest, AUnixSocketInUseIsNotTakenOverButOneLeftBehindIs) {
  Start();
  const std::string unix_address = options_.grpc_listen.back();
  ServiceOptions others = options_;
  others.grpc_listen = {unix_address};
  {
    Server second(others);
    const absl::Status status = second.Start().status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(std::string(status.message()), HasSubstr("another process serves there"));
  }
  EXPECT_EQ(Health(), HealthCheckResponse::NOT_SERVING);
  server_.reset();
  const std::string path = unix_address.substr(5);
  const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un name{AF_UNIX, {}};
  path.copy(name.sun_path, sizeof(name.sun_path) - 1);
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof(name)), 0);
  close(fd);  // the file stays
  Server third(others);
  EXPECT_TRUE(third.Start().ok());
}

TEST_F(ServerTest, DrainEndsWithNobodyWaiting) {
  Start();
  ASSERT_TRUE(server_->LoadModels().ok());
  const absl::Time before = absl::Now();
  server_->Drain(absl::Now() + absl::Seconds(20));
  EXPECT_LT(absl::Now() - before, absl::Seconds(10));
  v1::ClassifyResponse response;
  EXPECT_EQ(Classify(address_, "a", response).error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace verdict
