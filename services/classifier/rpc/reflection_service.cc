#include "services/classifier/rpc/reflection_service.h"

#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"

namespace verdict {

// Those that are open. Shared with the streams, which may outlive the services by a moment.
class ReflectionServices::Streams {
 public:
  class Stream {
   public:
    virtual void End() = 0;

   protected:
    ~Stream() = default;
  };

  void Add(Stream* stream) {
    const std::lock_guard lock(mutex_);
    open_.insert(stream);
    if (draining_) stream->End();
  }
  void Remove(Stream* stream) {
    const std::lock_guard lock(mutex_);
    open_.erase(stream);
  }
  void Drain() {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    for (Stream* const stream : open_) stream->End();
  }

 private:
  std::mutex mutex_;  // taken before any stream's
  bool draining_ = false;
  std::set<Stream*> open_;
};

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
class Questions final : public grpc::ServerBidiReactor<typename Version::Request, typename Version::Response>,
                        public ReflectionServices::Streams::Stream {
 public:
  Questions(const std::vector<std::string>& services, std::shared_ptr<ReflectionServices::Streams> streams)
      : services_(services), streams_(std::move(streams)) {
    this->StartRead(&request_);
    streams_->Add(this);
  }

  void End() override {
    const std::lock_guard lock(mutex_);
    end_ = grpc::Status(grpc::StatusCode::UNAVAILABLE, "the server is draining");
    if (!writing_) FinishOnce(*end_);  // else when the write is done: gRPC takes one thing at a time
  }

 private:
  void OnReadDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    if (finished_) return;
    if (!ok) return FinishOnce(grpc::Status::OK);
    response_.Clear();
    Answer(request_, services_, response_);
    writing_ = true;
    this->StartWrite(&response_);
  }
  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (!ok) return FinishOnce(grpc::Status::CANCELLED);
    if (end_) return FinishOnce(*end_);
    this->StartRead(&request_);
  }
  void OnDone() override {
    streams_->Remove(this);
    delete this;
  }

  void FinishOnce(const grpc::Status& status) {
    if (!std::exchange(finished_, true)) this->Finish(status);
  }

  const std::vector<std::string>& services_;
  const std::shared_ptr<ReflectionServices::Streams> streams_;
  typename Version::Request request_;
  typename Version::Response response_;
  std::mutex mutex_;
  bool writing_ = false, finished_ = false;
  std::optional<grpc::Status> end_;
};

template <typename Version>
class ReflectionService final : public Version::Service {
 public:
  ReflectionService(const AccessGuard& guard, std::vector<std::string> services,
                    std::shared_ptr<ReflectionServices::Streams> streams)
      : guard_(guard), services_(std::move(services)), streams_(std::move(streams)) {}

  grpc::ServerBidiReactor<typename Version::Request, typename Version::Response>* ServerReflectionInfo(
      grpc::CallbackServerContext* context) override {
    const AccessGuard::Verdict verdict = guard_.Check(*context, Role::kDocs);
    if (!verdict.status.ok()) return new RefusedStream<typename Version::Request, typename Version::Response>(verdict.status);
    return new Questions<Version>(services_, streams_);
  }

 private:
  const AccessGuard& guard_;
  const std::vector<std::string> services_;
  const std::shared_ptr<ReflectionServices::Streams> streams_;
};

}  // namespace

ReflectionServices::ReflectionServices(const AccessGuard& guard, std::vector<std::string> services)
    : streams_(std::make_shared<Streams>()) {
  services.emplace_back(grpc::reflection::v1::ServerReflection::service_full_name());
  services.emplace_back(grpc::reflection::v1alpha::ServerReflection::service_full_name());
  services_.push_back(std::make_unique<ReflectionService<V1>>(guard, services, streams_));
  services_.push_back(std::make_unique<ReflectionService<V1Alpha>>(guard, std::move(services), streams_));
}

ReflectionServices::~ReflectionServices() = default;

std::vector<grpc::Service*> ReflectionServices::all() const {
  std::vector<grpc::Service*> all;
  for (const auto& service : services_) all.push_back(service.get());
  return all;
}

void ReflectionServices::Drain() { streams_->Drain(); }

}  // namespace verdict
