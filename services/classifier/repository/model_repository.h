#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "services/classifier/api/classifier.h"
#include "services/classifier/api/model_info.h"
#include "services/classifier/api/queue_state.h"
#include "services/classifier/repository/model_classifier.h"

namespace verdict {

// The loaded models by name: finds the model that a request names and hands the request on. Thread-safe. A request under way
// keeps its model: who takes the model away waits for it.
class ModelRepository final : public Classifier, public ModelCatalog {
 public:
  // A name that nobody else can take until the model is added, or the reservation goes. Movable; the repository outlives it.
  class Reservation {
   public:
    Reservation(Reservation&& other) noexcept;
    Reservation& operator=(Reservation&&) = delete;
    ~Reservation();

   private:
    friend class ModelRepository;
    Reservation(ModelRepository& owner, std::string name) : owner_(&owner), name_(std::move(name)) {}

    ModelRepository* owner_;
    std::string name_;
  };

  // `taken`: names that no model may have, for they mean something else.
  explicit ModelRepository(const std::vector<std::string>& taken = {}) : taken_(taken.begin(), taken.end()) {}
  // No request is under way any more.
  ~ModelRepository() override;

  // Which models are to come, and the one for requests that name none; empty: there is none. A model to come is kUnavailable, and
  // not kNotFound, until it is added; before the first call every model is.
  void Expect(const std::string& default_model, const std::vector<std::string>& awaited);

  // Error: kAlreadyExists when a model of that name is loaded, or being loaded or unloaded, or the name is taken.
  absl::StatusOr<Reservation> Reserve(const std::string& name);
  // The same for a caller, who cannot have the name of a model that is to come. Errors: also kUnavailable before Expect.
  absl::StatusOr<Reservation> ReserveOnRequest(const std::string& name);

  // Adds a model under the reserved name, which is the model's.
  void Add(Reservation reservation, std::unique_ptr<ModelClassifier> model);

  // Takes a model's name away, waits for the requests under way, and destroys the model; its memory is back when this returns.
  // Not to be called from a classifier's `done`. The name stays taken until `gone` has returned.
  // Error: kNotFound.
  absl::Status Remove(const std::string& name, absl::FunctionRef<void()> gone);

  // Errors beyond the model's own: kNotFound, and kUnavailable while the model is awaited.
  void Classify(ClassifyRequest request, CallContext context, Done done) override;

  // What waits for each model.
  std::vector<QueueState> Queues() const;

  std::vector<ModelInfo> List() const override;
  absl::StatusOr<ModelInfo> Get(const std::string& name, const std::string& version) const override;
  absl::StatusOr<std::string> VersionOf(const std::string& name) const override;

 private:
  struct Entry;
  class Lease;

  absl::StatusOr<std::shared_ptr<Entry>> Find(const std::string& name, const std::string& version) const;
  absl::Status NotThere(const std::string& name) const;
  ModelInfo Describe(const Entry& entry) const;
  absl::StatusOr<Reservation> ReserveLocked(const std::string& name);
  void GiveBack(const std::string& name);

  mutable std::shared_mutex mutex_;
  bool starting_ = true;  // nobody knows yet which models are to come
  std::string default_;
  std::set<std::string> awaited_;
  std::set<std::string> taken_;  // reserved, or never a model's
  std::map<std::string, std::shared_ptr<Entry>> models_;
};

}  // namespace verdict
