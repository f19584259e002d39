#include "services/classifier/engine/torchscript_library.h"

#include <dlfcn.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

using Loader = void(const ModelDirectory* directory, int threads, absl::StatusOr<std::unique_ptr<Backend>>* backend);

absl::StatusOr<Loader*> OpenLibrary() {
  std::error_code error;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", error);
  const auto file = program.parent_path().parent_path() / "lib" / "libverdict_torchscript.so";
  if (!std::filesystem::exists(file, error)) {
    return absl::UnimplementedError(
        absl::StrCat("TorchScript bundles need LibTorch, which this build leaves out (no ", file.string(),
                     "); the image of target \"torchscript\" has it, or save the model as safetensors"));
  }
  // Never closed: LibTorch does not survive that.
  void* const library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const symbol = library == nullptr ? nullptr : dlsym(library, "VerdictLoadTorchScript");
  if (symbol != nullptr) return reinterpret_cast<Loader*>(symbol);
  // NOLINTNEXTLINE(concurrency-mt-unsafe): dlerror is kept for each thread
  return absl::UnimplementedError(absl::StrCat("TorchScript bundles need LibTorch, which could not be opened: ", dlerror()));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Backend>> LoadTorchScriptLibrary(const ModelDirectory& directory, int threads) {
  static const auto& load = *new absl::StatusOr<Loader*>(OpenLibrary());
  if (!load.ok())
    return absl::Status(load.status().code(), absl::StrCat(directory.weights.string(), ": ", load.status().message()));
  absl::StatusOr<std::unique_ptr<Backend>> backend;
  (*load)(&directory, threads, &backend);
  return backend;
}

}  // namespace verdict
