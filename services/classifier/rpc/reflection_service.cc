#include "services/classifier/rpc/reflection_service.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"

namespace verdict {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

// A version of the protocol.
struct V1 {
  using Service = grpc::reflection::v1::ServerReflection::CallbackService;
  using Request = grpc::reflection::v1::ServerReflectionRequest;
  using Response = grpc::reflection::v1::ServerReflectionResponse;
};
struct V1Alpha {
  using Service = grpc::reflection::v1alpha::ServerReflection::CallbackService;
  using Request = grpc::reflection::v1alpha::ServerReflectionRequest;
  using Response = grpc::reflection::v1alpha::ServerReflectionResponse;
};

template <typename Response>
void AnswerNotFound(const std::string& what, Response& response) {
  response.mutable_error_response()->set_error_code(grpc::StatusCode::NOT_FOUND);
  response.mutable_error_response()->set_error_message(absl::StrCat("there is no ", Shortened(what)));
}

template <typename Files>
void AddFile(const FileDescriptor& file, std::set<const FileDescriptor*>& added, Files& files) {
  if (!added.insert(&file).second) return;
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  files.add_file_descriptor_proto(proto.SerializeAsString());
  for (int i = 0; i < file.dependency_count(); ++i) AddFile(*file.dependency(i), added, files);
}

template <typename Response>
void AnswerFile(const FileDescriptor* file, const std::string& what, Response& response) {
  if (file == nullptr) return AnswerNotFound(what, response);
  std::set<const FileDescriptor*> added;
  AddFile(*file, added, *response.mutable_file_descriptor_response());
}

template <typename Request, typename Response>
void AnswerExtensions(const Request& request, Response& response) {
  const DescriptorPool& pool = *DescriptorPool::generated_pool();
  const std::string& name = request.all_extension_numbers_of_type();
  const auto* const message = pool.FindMessageTypeByName(name);
  if (message == nullptr) return AnswerNotFound(name, response);
  std::vector<const google::protobuf::FieldDescriptor*> extensions;
  pool.FindAllExtensions(message, &extensions);
  response.mutable_all_extension_numbers_response()->set_base_type_name(name);
  for (const auto* extension : extensions)
    response.mutable_all_extension_numbers_response()->add_extension_number(extension->number());
}

template <typename Request, typename Response>
void AnswerExtension(const Request& request, Response& response) {
  const DescriptorPool& pool = *DescriptorPool::generated_pool();
  const auto& asked = request.file_containing_extension();
  const auto* const message = pool.FindMessageTypeByName(asked.containing_type());
  const auto* const extension = message == nullptr ? nullptr : pool.FindExtensionByNumber(message, asked.extension_number());
  AnswerFile(extension == nullptr ? nullptr : extension->file(), asked.containing_type(), response);
}

template <typename Request, typename Response>
void Answer(const Request& request, const std::vector<std::string>& services, Response& response) {
  const DescriptorPool& pool = *DescriptorPool::generated_pool();
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case Request::kFileByFilename:
      return AnswerFile(pool.FindFileByName(request.file_by_filename()), request.file_by_filename(), response);
    case Request::kFileContainingSymbol:
      return AnswerFile(pool.FindFileContainingSymbol(request.file_containing_symbol()), request.file_containing_symbol(),
                        response);
    case Request::kFileContainingExtension:
      return AnswerExtension(request, response);
    case Request::kAllExtensionNumbersOfType:
      return AnswerExtensions(request, response);
    case Request::kListServices:
      for (const std::string& name : services) response.mutable_list_services_response()->add_service()->set_name(name);
      return;
    case Request::MESSAGE_REQUEST_NOT_SET:
      break;
  }
  response.mutable_error_response()->set_error_code(grpc::StatusCode::INVALID_ARGUMENT);
  response.mutable_error_response()->set_error_message("nothing is asked");
}

// One caller's questions. gRPC owns it until OnDone.
template <typename Version>
class Questions final : public grpc::ServerBidiReactor<typename Version::Request, typename Version::Response> {
 public:
  explicit Questions(const std::vector<std::string>& services) : services_(services) { this->StartRead(&request_); }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return this->Finish(grpc::Status::OK);
    response_.Clear();
    Answer(request_, services_, response_);
    this->StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return this->Finish(grpc::Status::CANCELLED);
    this->StartRead(&request_);
  }
  void OnDone() override { delete this; }

  const std::vector<std::string>& services_;
  typename Version::Request request_;
  typename Version::Response response_;
};

template <typename Version>
class ReflectionService final : public Version::Service {
 public:
  ReflectionService(const AccessGuard& guard, std::vector<std::string> services)
      : guard_(guard), services_(std::move(services)) {}

  grpc::ServerBidiReactor<typename Version::Request, typename Version::Response>* ServerReflectionInfo(
      grpc::CallbackServerContext* context) override {
    const AccessGuard::Verdict verdict = guard_.Check(*context, Role::kDocs);
    if (!verdict.status.ok()) return new RefusedStream<typename Version::Request, typename Version::Response>(verdict.status);
    return new Questions<Version>(services_);
  }

 private:
  const AccessGuard& guard_;
  const std::vector<std::string> services_;
};

}  // namespace

std::vector<std::unique_ptr<grpc::Service>> MakeReflectionServices(const AccessGuard& guard, std::vector<std::string> services) {
  services.emplace_back(grpc::reflection::v1::ServerReflection::service_full_name());
  services.emplace_back(grpc::reflection::v1alpha::ServerReflection::service_full_name());
  std::vector<std::unique_ptr<grpc::Service>> made;
  made.push_back(std::make_unique<ReflectionService<V1>>(guard, services));
  made.push_back(std::make_unique<ReflectionService<V1Alpha>>(guard, std::move(services)));
  return made;
}

}  // namespace verdict
