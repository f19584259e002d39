#pragma once

#include <string>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "services/classifier/api/model_info.h"

namespace verdict {

// Loads and unloads models while the service runs. Implementations are thread-safe, return at once, and call `done` exactly once,
// possibly before returning and possibly on another thread.
class ModelAdmin {
 public:
  using Loaded = absl::AnyInvocable<void(absl::StatusOr<ModelInfo>)>;
  using Unloaded = absl::AnyInvocable<void(absl::Status)>;

  virtual ~ModelAdmin() = default;

  // Loads the directory `path` under `name`, which is taken from then on. The model serves when `done` is called. Errors:
  //   kInvalidArgument    no name, no absolute path, or a directory that cannot be served; names the file and what is wrong
  //   kNotFound           there is no such directory
  //   kAlreadyExists      the name is taken, or that of a model of the start
  //   kResourceExhausted  the model would not fit into the memory that is left, by an estimate from its files, or has no threads
  //   kPermissionDenied   the server does not load on request, or not from there
  //   kUnavailable        too many loads are under way, or the process is starting or draining
  virtual void Load(const std::string& name, const std::string& path, Loaded done) = 0;

  // Takes the model's name away, lets requests under way finish, and gives its memory back before it calls `done`. Errors:
  //   kNotFound          no model of that name
  //   kPermissionDenied  the server does not unload on request
  //   kUnavailable       too many loads are under way, or the process is draining
  virtual void Unload(const std::string& name, Unloaded done) = 0;
};

}  // namespace verdict
