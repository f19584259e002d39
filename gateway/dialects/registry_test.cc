#include "gateway/dialects/registry.h"

#include <set>

#include "boost/json/parse.hpp"
#include "gateway/openapi/embedded_file.h"
#include "gateway/openapi/openapi.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(RegistryTest, WithoutAChoiceThereAreAllInTheirOrder) {
  const auto dialects = MakeDialects({});
  ASSERT_TRUE(dialects.ok());
  std::vector<std::string> names;
  for (const Dialect& dialect : *dialects) names.push_back(dialect.name);
  EXPECT_EQ(names, DialectNames());
  EXPECT_EQ(names.front(), "sagemaker");
}

TEST(RegistryTest, TheChosenOnesComeInTheChosenOrder) {
  const auto dialects = MakeDialects({.enabled = {DialectNames().back()}});
  ASSERT_TRUE(dialects.ok());
  ASSERT_EQ(dialects->size(), 1u);
  EXPECT_EQ(dialects->front().name, DialectNames().back());
}

TEST(RegistryTest, WhatIsNoDialectIsNamed) {
  const auto unknown = MakeDialects({.enabled = {"sagemaker", "soap"}});
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(unknown.status().message()), HasSubstr("\"soap\" is no dialect; there are sagemaker"));
  EXPECT_THAT(std::string(MakeDialects({.enabled = {"sagemaker", "sagemaker"}}).status().message()), HasSubstr("twice"));
}

TEST(RegistryTest, TheDocumentIsOfWhatIsEnabled) {
  const auto both = MakeDialects({.enabled = {"api_docs", "sagemaker"}});
  ASSERT_TRUE(both.ok());
  const auto document = [](const Dialect& docs) { return docs.queries.at(0).write({}, {}).body; };
  EXPECT_THAT(document(both->at(0)), HasSubstr("\"/ping\""));
  EXPECT_THAT(document(both->at(0)), HasSubstr("\"/docs\""));
  const auto alone = MakeDialects({.enabled = {"api_docs"}});
  ASSERT_TRUE(alone.ok());
  EXPECT_THAT(document(alone->at(0)), Not(HasSubstr("\"/ping\"")));
}

TEST(RegistryTest, TheDocumentationCanBeSwitchedOff) {
  const auto dialects = MakeDialects({.enabled = {"sagemaker", "api_docs"}, .api_docs = false});
  ASSERT_TRUE(dialects.ok());
  ASSERT_EQ(dialects->size(), 1u);
  EXPECT_EQ(dialects->front().name, "sagemaker");
}

// What handlers call without looking.
TEST(RegistryTest, EveryRouteIsWhole) {
  const auto dialects = MakeDialects({});
  for (const Dialect& dialect : *dialects) {
    for (const ClassifyRoute& route : dialect.classify) {
      EXPECT_TRUE(route.read && route.write_problem) << dialect.name << " " << route.path;
      EXPECT_FALSE(route.shape.empty()) << dialect.name << " " << route.path;
    }
    for (const QueryRoute& route : dialect.queries) {
      EXPECT_TRUE(route.ask && route.write) << dialect.name << " " << route.path;
      EXPECT_FALSE(route.methods.empty()) << dialect.name << " " << route.path;
    }
  }
}

// A broken or forgotten fragment is found here, not when a gateway starts.
TEST(RegistryTest, EveryDialectHasAFragmentAndTheyGoTogether) {
  std::vector<OpenApiFragment> fragments;
  for (const std::string& name : DialectNames()) {
    fragments.push_back({name, EmbeddedFile("openapi/" + name + ".json")});
    EXPECT_FALSE(fragments.back().text.empty()) << "gateway/openapi/" << name << ".json is missing";
  }
  fragments.push_back({"metrics", EmbeddedFile("openapi/metrics.json")});
  const auto merged = MergeOpenApi(EmbeddedFile("openapi/base.json"), fragments, "1");
  ASSERT_TRUE(merged.ok()) << merged.status();
  std::set<std::string> ids;
  const boost::json::value document = boost::json::parse(*merged);
  for (const auto& path : document.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      const std::string id(operation.value().at("operationId").as_string());
      EXPECT_TRUE(ids.insert(id).second) << "two operations have the id " << id;
    }
  }
}

}  // namespace
}  // namespace verdict
