#include "services/classifier/repository/model_repository.h"

#include <malloc.h>

#include <atomic>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"

namespace verdict {

struct ModelRepository::Entry {
  explicit Entry(std::unique_ptr<ModelClassifier> loaded) : model(std::move(loaded)), info(model->info()) {}

  std::unique_ptr<ModelClassifier> model;
  const ModelInfo info;  // stays when the model is gone
  std::atomic<int64_t> leases = 0;
};

// The right to use an entry's model. Copies count on their own. The entry itself outlives them, so that the last one can wake who
// waits for it; the model is destroyed by the waiter, never by the last request, whose thread may be one of the model's.
class ModelRepository::Lease {
 public:
  explicit Lease(std::shared_ptr<Entry> entry) : entry_(std::move(entry)) { ++entry_->leases; }
  Lease(const Lease& other) : Lease(other.entry_) {}
  Lease(Lease&& other) noexcept = default;
  Lease& operator=(const Lease&) = delete;
  ~Lease() {
    if (entry_ != nullptr && entry_->leases.fetch_sub(1) == 1) entry_->leases.notify_all();
  }

  ModelClassifier& model() const { return *entry_->model; }

 private:
  std::shared_ptr<Entry> entry_;
};

ModelRepository::Reservation::Reservation(Reservation&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), name_(std::move(other.name_)) {}

ModelRepository::Reservation::~Reservation() {
  if (owner_ != nullptr) owner_->GiveBack(name_);
}

ModelRepository::~ModelRepository() {
  for (const auto& [name, entry] : models_) entry->model.reset();  // here, and not where the last lease goes
}

void ModelRepository::Expect(const std::string& default_model, const std::vector<std::string>& awaited) {
  const std::unique_lock lock(mutex_);
  starting_ = false;
  default_ = default_model;
  awaited_ = {awaited.begin(), awaited.end()};
}

absl::StatusOr<ModelRepository::Reservation> ModelRepository::Reserve(const std::string& name) {
  const std::unique_lock lock(mutex_);
  return ReserveLocked(name);
}

absl::StatusOr<ModelRepository::Reservation> ModelRepository::ReserveOnRequest(const std::string& name) {
  const std::unique_lock lock(mutex_);
  if (starting_) return absl::UnavailableError("the server is starting");
  if (awaited_.contains(name))
    return absl::AlreadyExistsError(absl::StrCat("a model named \"", Shortened(name), "\" is to be loaded at the start"));
  return ReserveLocked(name);
}

absl::StatusOr<ModelRepository::Reservation> ModelRepository::ReserveLocked(const std::string& name) {
  if (models_.contains(name))
    return absl::AlreadyExistsError(absl::StrCat("a model named \"", Shortened(name), "\" is loaded already"));
  if (!taken_.insert(name).second) {
    return absl::AlreadyExistsError(
        absl::StrCat("a model named \"", Shortened(name), "\" is being loaded or unloaded, or the name is a cascade's"));
  }
  return Reservation(*this, name);
}

void ModelRepository::GiveBack(const std::string& name) {
  const std::unique_lock lock(mutex_);
  taken_.erase(name);
}

void ModelRepository::Add(Reservation reservation, std::unique_ptr<ModelClassifier> model) {
  const std::unique_lock lock(mutex_);
  const std::string name = std::exchange(reservation.name_, {});
  reservation.owner_ = nullptr;
  taken_.erase(name);
  awaited_.erase(name);
  models_.insert_or_assign(name, std::make_shared<Entry>(std::move(model)));
}

absl::Status ModelRepository::Remove(const std::string& name, absl::FunctionRef<void()> gone) {
  std::shared_ptr<Entry> entry;
  {
    const std::unique_lock lock(mutex_);
    const auto found = models_.find(name);
    if (found == models_.end()) return NotThere(name);
    entry = std::move(found->second);
    models_.erase(found);
    taken_.insert(name);  // its memory is not back yet
  }
  const Reservation until_the_end(*this, name);
  for (int64_t leases = entry->leases; leases != 0; leases = entry->leases) entry->leases.wait(leases);
  entry->model.reset();
  malloc_trim(0);  // tokenizers are made of many small pieces
  gone();
  return absl::OkStatus();
}

absl::Status ModelRepository::NotThere(const std::string& name) const {
  if (starting_ || awaited_.contains(name)) {
    return absl::UnavailableError(models_.empty() ? "no model is loaded yet"
                                                  : absl::StrCat("model \"", Shortened(name), "\" is not loaded yet"));
  }
  if (name.empty()) return absl::NotFoundError("the request names no model, and this server has no default model");
  return absl::NotFoundError(absl::StrCat("no model is named \"", Shortened(name), "\""));
}

absl::StatusOr<std::shared_ptr<ModelRepository::Entry>> ModelRepository::Find(const std::string& name,
                                                                              const std::string& version) const {
  const std::string& wanted = name.empty() ? default_ : name;
  const auto found = models_.find(wanted);
  if (found == models_.end()) {
    if (models_.empty() && !awaited_.empty()) return absl::UnavailableError("no model is loaded yet");
    return NotThere(wanted);
  }
  const ModelInfo& info = found->second->info;
  if (!version.empty() && version != info.version) {
    return absl::NotFoundError(absl::StrCat("model \"", found->first, "\" is loaded in version \"", info.version, "\", not \"",
                                            Shortened(version), "\""));
  }
  return found->second;
}

void ModelRepository::Classify(ClassifyRequest request, CallContext context, Done done) {
  std::optional<Lease> lease;
  absl::Status status;
  {
    const std::shared_lock lock(mutex_);  // until the lease is taken: who removes the model waits for it
    auto entry = Find(request.model, request.model_version);
    status = entry.status();
    if (entry.ok()) lease.emplace(*entry);
  }
  if (!lease) return done(std::move(status));
  ModelClassifier& model = lease->model();
  // One lease until the answer, one until the call is back: the answer may come first, on another thread.
  model.Classify(std::move(request), std::move(context),
                 [held = Lease(*lease), done = std::move(done)](absl::StatusOr<ClassifyResponse> response) mutable {
                   done(std::move(response));
                 });
}

ModelInfo ModelRepository::Describe(const Entry& entry) const {
  ModelInfo info = entry.info;
  info.is_default = info.name == default_;
  return info;
}

std::vector<ModelInfo> ModelRepository::List() const {
  const std::shared_lock lock(mutex_);
  std::vector<ModelInfo> all;
  for (const auto& [name, entry] : models_) all.push_back(Describe(*entry));
  return all;
}

// Under the lock: a model is destroyed only after it has left the map.
std::vector<QueueState> ModelRepository::Queues() const {
  const std::shared_lock lock(mutex_);
  std::vector<QueueState> all;
  for (const auto& [name, entry] : models_) all.push_back(entry->model->Queue());
  return all;
}

absl::StatusOr<ModelInfo> ModelRepository::Get(const std::string& name, const std::string& version) const {
  const std::shared_lock lock(mutex_);
  const auto entry = Find(name, version);
  if (!entry.ok()) return entry.status();
  return Describe(**entry);
}

absl::StatusOr<std::string> ModelRepository::VersionOf(const std::string& name) const {
  const std::shared_lock lock(mutex_);
  const auto entry = Find(name, "");
  if (!entry.ok()) return entry.status();
  return (*entry)->info.version;
}

}  // namespace verdict
