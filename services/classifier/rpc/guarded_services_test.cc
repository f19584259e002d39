#include "services/classifier/rpc/guarded_services.h"

#include <atomic>
#include <fstream>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grpc/grpc_security.h"
#include "grpc/grpc_security_constants.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "gtest/gtest.h"
#include "security/testing/make_certificate.h"
#include "services/classifier/rpc/reflection_service.h"
#include "services/classifier/rpc/testing/serve.h"
#include "services/classifier/rpc/tls_credentials.h"
#include "tests/support/fake_classifier.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

using grpc::StatusCode;

class KeepingObserver : public ClassifyObserver {
 public:
  void OnCall(const FinishedCall& call) override {
    const std::lock_guard lock(mutex_);
    callers_.emplace_back(call.caller);
  }
  std::vector<std::string> callers() {
    const std::lock_guard lock(mutex_);
    return callers_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> callers_;
};

// Guarded services behind a real server; the keys of "alice", who may classify, and of "proxy", who may do so for others.
class GuardedServicesTest : public ::testing::Test {
 protected:
  void Start(bool restricted = true) {
    std::ofstream(path_) << Line("alice", "inference", "a") << Line("proxy", "inference,delegate", "p")
                         << Line("reader", "docs", "d");
    Access::Options options;
    if (restricted) options.api_keys_file = path_;
    auto access = Access::Create(std::move(options), watcher_);
    ASSERT_TRUE(access.ok()) << access.status();
    guard_.emplace(*access);
    service_.emplace(*guard_, classifier_, ClassifierService::Limits(), &observer_);
    reflection_.emplace(*guard_, std::vector<std::string>{"a.Service"});
    std::tie(server_, channel_) = ServeLocally({&*service_, reflection_->all().front()});
  }
  // Who may do what stands in a file of names in certificates, and nowhere else.
  void StartWithNames(const std::string& names) {
    std::ofstream(path_) << names;
    auto access = Access::Create({.certificates = true, .client_certificates_file = path_}, watcher_);
    ASSERT_TRUE(access.ok()) << access.status();
    guard_.emplace(*access);
    service_.emplace(*guard_, classifier_, ClassifierService::Limits(), &observer_);
  }
  // The service behind TLS, in place of a plain server; without an authority, clients are not asked for certificates.
  struct Tls {
    MadeCertificate server;
    std::string authority;
  };
  void ServeTls(const Tls& tls) {
    if (server_ != nullptr) server_->Shutdown();
    folder_.Write("chain", tls.server.certificate);
    folder_.Write("key", tls.server.key);
    folder_.Write("authority", tls.authority);
    const auto path = [this](const char* name) { return (folder_.path() / name).string(); };
    const auto store = CertificateStore::Open({path("chain"), path("key"), tls.authority.empty() ? "" : path("authority")},
                                              "certificates", watcher_);
    ASSERT_TRUE(store.ok()) << store.status();
    grpc::ServerBuilder builder;
    credentials_ = TlsCredentials(*store, ClientCertificate::kRequired,
                                  [this] { return SteadyNow() + absl::Seconds(seconds_ahead_.load()); });
    builder.AddListeningPort("127.0.0.1:0", credentials_, &port_);
    builder.RegisterService(&*service_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }
  // With sessions to resume, `kept` has what earlier channels kept of theirs.
  void Connect(const grpc::SslCredentialsOptions& options, grpc_ssl_session_cache* kept = nullptr) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a channel that has the same arguments would share its connection
    if (kept != nullptr) {
      const grpc_arg argument = grpc_ssl_session_cache_create_channel_arg(kept);
      arguments.SetPointerWithVtable(argument.key, argument.value.pointer.p, argument.value.pointer.vtable);
    }
    channel_ = grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port_), grpc::SslCredentials(options), arguments);
  }
  void TearDown() override {
    if (server_ != nullptr) server_->Shutdown();
  }
  static std::string Line(const std::string& name, const std::string& roles, const std::string& key) {
    return absl::StrCat(name, " ", roles, " sha256:", Sha256Hex(key), "\n");
  }

  using Metadata = std::vector<std::pair<std::string, std::string>>;
  StatusCode Classify(const Metadata& metadata) {
    grpc::ClientContext context;
    for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
    v1::ClassifyRequest request;
    request.add_inputs()->set_text("text");
    v1::ClassifyResponse response;
    return v1::Classifier::NewStub(channel_)->Classify(&context, request, &response).error_code();
  }
  StatusCode Stream(const Metadata& metadata) {
    grpc::ClientContext context;
    for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
    const auto stub = v1::Classifier::NewStub(channel_);
    const auto stream = stub->StreamClassify(&context);
    v1::StreamClassifyRequest request;
    request.mutable_request()->add_inputs()->set_text("text");
    stream->Write(request);
    stream->WritesDone();
    v1::StreamClassifyResponse response;
    while (stream->Read(&response)) {
    }
    return stream->Finish().error_code();
  }
  StatusCode Reflect(const Metadata& metadata) {
    grpc::ClientContext context;
    for (const auto& [key, value] : metadata) context.AddMetadata(key, value);
    const auto stub = grpc::reflection::v1::ServerReflection::NewStub(channel_);
    const auto stream = stub->ServerReflectionInfo(&context);
    grpc::reflection::v1::ServerReflectionRequest request;
    request.set_list_services("");
    stream->Write(request);
    stream->WritesDone();
    grpc::reflection::v1::ServerReflectionResponse response;
    while (stream->Read(&response)) {
    }
    return stream->Finish().error_code();
  }
  std::string LastClient() { return classifier_.contexts().back().client; }

  TempDirectory folder_;
  const std::string path_ = (folder_.path() / "keys").string();
  FileWatcher watcher_{absl::Seconds(1)};
  FakeClassifier classifier_;
  KeepingObserver observer_;
  std::optional<AccessGuard> guard_;
  std::optional<GuardedClassifierService> service_;
  std::optional<ReflectionServices> reflection_;
  int port_ = 0;
  std::atomic<int> seconds_ahead_ = 0;
  std::shared_ptr<grpc::ServerCredentials> credentials_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(GuardedServicesTest, CallersAreKnownByTheirCredentialAndCannotPoseAsOthers) {
  Start();
  for (const bool streamed : {false, true}) {
    const auto call = [&](const Metadata& metadata) { return streamed ? Stream(metadata) : Classify(metadata); };
    EXPECT_EQ(call({{"x-api-key", "a"}, {"x-client-id", "bob"}}), StatusCode::OK);
    EXPECT_EQ(LastClient(), "alice");
    EXPECT_EQ(call({{"x-api-key", "p"}, {"x-client-id", "bob"}}), StatusCode::OK);
    EXPECT_EQ(LastClient(), "bob");
    EXPECT_EQ(call({{"x-api-key", "p"}, {"x-client-id", "bob"}, {"x-client-id", "eve"}}), StatusCode::OK);
    EXPECT_EQ(LastClient(), "proxy") << "which of two counts would be a matter of chance";
  }
  EXPECT_EQ(observer_.callers(), (std::vector<std::string>{"alice", "proxy", "proxy", "alice", "proxy", "proxy"}));
}

TEST_F(GuardedServicesTest, WhereNobodyIsAskedForCredentialsCallersNameThemselves) {
  Start(/*restricted=*/false);
  EXPECT_EQ(Classify({{"x-client-id", "bob"}}), StatusCode::OK);
  EXPECT_EQ(LastClient(), "bob");
  EXPECT_EQ(Classify({}), StatusCode::OK);
  EXPECT_EQ(LastClient(), "ipv4:127.0.0.1");
}

TEST_F(GuardedServicesTest, RefusedCallsReachNobody) {
  Start();
  EXPECT_EQ(Classify({}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Classify({{"x-api-key", "x"}}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Classify({{"x-api-key", "a"}, {"x-api-key", "a"}}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Classify({{"x-api-key", "d"}}), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Stream({}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Stream({{"authorization", "Bearer d"}}), StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(classifier_.contexts().empty());
}

TEST_F(GuardedServicesTest, ReflectionIsForThoseWhoMayReadTheDocumentation) {
  Start();
  EXPECT_EQ(Reflect({}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Reflect({{"x-api-key", "a"}}), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Reflect({{"x-api-key", "d"}}), StatusCode::OK);
}

// gRPC asserts that there is an authority, also where clients are not asked for certificates.
TEST_F(GuardedServicesTest, TlsNeedsNoAuthorityForClients) {
  Start();
  const MadeCertificate made = MakeCertificate({});
  ServeTls({.server = made, .authority = ""});
  Connect({made.certificate, "", ""});
  EXPECT_EQ(Classify({{"x-api-key", "a"}}), StatusCode::OK);
}

TEST_F(GuardedServicesTest, ACertificateGoesByTheFirstOfItsNamesThatHasALine) {
  const MadeCertificate authority = MakeCertificate({.common_name = "ours", .alternative_names = "", .authority = true});
  StartWithNames("dns:batch.example docs\nuri:spiffe://example/batch inference\n");
  ServeTls({.server = MakeCertificate({.issuer = &authority}), .authority = authority.certificate});
  const auto call_with = [&](const std::string& names) {
    const MadeCertificate client = MakeCertificate({.alternative_names = names, .usage = "clientAuth", .issuer = &authority});
    Connect({authority.certificate, client.key, client.certificate});
    return Classify({});
  };
  EXPECT_EQ(call_with("DNS:batch.example,URI:spiffe://example/batch"), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(call_with("URI:spiffe://example/batch,DNS:batch.example"), StatusCode::OK);
  EXPECT_EQ(LastClient(), "uri:spiffe://example/batch");
}

// A resumed session's certificate is not looked at again: who comes back often enough would be let in for ever.
TEST_F(GuardedServicesTest, WhereClientsShowCertificatesSessionsAreResumedForAMinute) {
  const MadeCertificate authority = MakeCertificate({.common_name = "ours", .alternative_names = "", .authority = true});
  const MadeCertificate client = MakeCertificate({.usage = "clientAuth", .issuer = &authority});
  StartWithNames("dns:localhost inference\n");
  ServeTls({.server = MakeCertificate({.issuer = &authority}), .authority = authority.certificate});
  const std::unique_ptr<grpc_ssl_session_cache, void (*)(grpc_ssl_session_cache*)> kept(grpc_ssl_session_cache_create_lru(4),
                                                                                        grpc_ssl_session_cache_destroy);
  const auto is_resumed = [&] {
    Connect({authority.certificate, client.key, client.certificate}, kept.get());
    grpc::ClientContext context;
    v1::ClassifyRequest request;
    request.add_inputs()->set_text("text");
    v1::ClassifyResponse response;
    EXPECT_TRUE(v1::Classifier::NewStub(channel_)->Classify(&context, request, &response).ok());
    return context.auth_context()->FindPropertyValues(GRPC_SSL_SESSION_REUSED_PROPERTY).at(0) == "true";
  };
  EXPECT_FALSE(is_resumed());
  EXPECT_TRUE(is_resumed());
  seconds_ahead_ = 61;
  EXPECT_FALSE(is_resumed());
}

}  // namespace
}  // namespace verdict
