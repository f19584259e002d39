#include "services/classifier/torchscript/torchscript_backend.h"

#include <torch/script.h>

#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/classifier/engine/load_backend.h"
#include "tests/support/tiny_bert.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class TorchScriptBackendTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Backend>> Load(const std::string& source) {
    torch::jit::Module module("classifier");
    module.define(source);
    module.save((folder_.path() / "model.pt").string());
    return LoadFile();
  }
  absl::StatusOr<std::unique_ptr<Backend>> LoadFile() {
    std::ofstream(folder_.path() / "config.json") << R"({"model_type":"any","num_labels":2,"vocab_size":50,"pad_token_id":9})";
    const auto directory = ModelDirectory::Read(folder_.path());
    if (!directory.ok()) return directory.status();
    return LoadBackend(*directory, {.threads = 1, .allow_torchscript = true});
  }
  std::string ErrorOf(const std::string& source) { return std::string(Load(source).status().message()); }

  TempDirectory folder_;
};

// Logits: sum of the unmasked ids, and the number of unmasked tokens.
constexpr char kSums[] = R"(
def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
    return torch.stack([(input_ids * attention_mask).sum(1), attention_mask.sum(1)], 1).float()
)";

TEST_F(TorchScriptBackendTest, PadsAndMasksTextsOfAllLengths) {
  const auto backend = Load(kSums);
  ASSERT_TRUE(backend.ok()) << backend.status();
  const TokenSequence one{{5}, {0}}, three{{1, 2, 3}, {0, 0, 0}}, two{{10, 20}, {0, 0}};
  const TokenSequence hundred{std::vector<int32_t>(100, 1), std::vector<int32_t>(100, 0)};
  const auto logits = (*backend)->Forward({&three, &hundred, &one, &two});
  ASSERT_TRUE(logits.ok()) << logits.status();
  EXPECT_THAT(logits->values, ElementsAre(6, 3, 100, 100, 5, 1, 30, 2));
  EXPECT_EQ((*backend)->info().name, "torchscript");
  EXPECT_EQ((*backend)->info().vocabulary_size, 50);
}

TEST_F(TorchScriptBackendTest, PassesTypesByNameInAnyOrder) {
  const auto backend = Load(R"(
def forward(self, token_type_ids: Tensor, input_ids: Tensor) -> Tensor:
    return torch.stack([token_type_ids.sum(1), input_ids.sum(1)], 1).float()
)");
  const TokenSequence text{{7, 8}, {0, 1}};
  EXPECT_THAT((*backend)->Forward({&text})->values, ElementsAre(1, 15));
}

TEST_F(TorchScriptBackendTest, TakesTuplesAndDicts) {
  const TokenSequence text{{7, 8}, {0, 1}};
  const auto tuple = Load(R"(
def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Tuple[Tensor, Tensor]:
    return torch.zeros([input_ids.size(0), 2]) + 4, input_ids
)");
  EXPECT_THAT((*tuple)->Forward({&text})->values, ElementsAre(4, 4));
  const auto dict = Load(R"(
def forward(self, input_ids: Tensor, attention_mask: Tensor) -> Dict[str, Tensor]:
    return {"hidden": input_ids, "logits": torch.zeros([input_ids.size(0), 2]) + 6}
)");
  EXPECT_THAT((*dict)->Forward({&text})->values, ElementsAre(6, 6));
}

TEST_F(TorchScriptBackendTest, NamesWhatDoesNotFit) {
  EXPECT_THAT(ErrorOf("def forward(self, input_ids: Tensor, bbox: Tensor) -> Tensor:\n    return bbox\n"),
              HasSubstr("model.pt: forward asks for the argument bbox"));
  EXPECT_THAT(ErrorOf("def forward(self, attention_mask: Tensor) -> Tensor:\n    return attention_mask\n"),
              HasSubstr("takes no argument input_ids"));
  EXPECT_THAT(ErrorOf("def other(self, input_ids: Tensor) -> Tensor:\n    return input_ids\n"),
              HasSubstr("has no method forward"));
  EXPECT_THAT(ErrorOf("def forward(self, input_ids: Tensor) -> int:\n    return 3\n"),
              HasSubstr("trial pass: forward answered Int without logits"));
  EXPECT_THAT(ErrorOf("def forward(self, input_ids: Tensor) -> Tensor:\n    return torch.zeros([1, 2])\n"),
              testing::Not(HasSubstr("\n")));
  EXPECT_THAT(ErrorOf("def forward(self, input_ids: Tensor) -> Tensor:\n    return torch.zeros([input_ids.size(0), 5])\n"),
              HasSubstr("for 2 texts and 2 labels"));
  EXPECT_THAT(ErrorOf("def forward(self, input_ids: Tensor) -> Tensor:\n    return input_ids[7]\n"), HasSubstr("trial pass"));
}

TEST_F(TorchScriptBackendTest, ArgumentsWithDefaultsMayBeLeftOut) {
  EXPECT_TRUE(Load("def forward(self, input_ids: Tensor, scale: float = 2.0) -> Tensor:\n    return "
                   "torch.zeros([input_ids.size(0), 2]) * scale\n")
                  .ok());
}

TEST_F(TorchScriptBackendTest, RefusesWhatIsNoTorchScript) {
  for (const std::string content : {"", "PK\x03\x04 broken", "not a zip at all"}) {
    std::ofstream(folder_.path() / "model.pt", std::ios::binary) << content;
    const auto backend = LoadFile();
    EXPECT_EQ(backend.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(backend.status().message()), HasSubstr("model.pt: is no TorchScript file"));
    EXPECT_THAT(std::string(backend.status().message()), testing::Not(HasSubstr("\n")));
  }
}

}  // namespace
}  // namespace verdict
