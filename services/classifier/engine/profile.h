#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

namespace verdict {

// Where the time of passes goes, operator by operator. For passes on one thread: several at the same time would mix theirs.
class Profile {
 public:
  struct Operator {
    int64_t calls = 0;
    double seconds = 0;  // without the operators inside it
    double flop = 0;     // of products: a multiplication and an addition are two
  };

  const std::map<std::string, Operator>& operators() const { return operators_; }

  void Clear() { operators_.clear(); }

  // An operator from here to the end of the scope. Costs next to nothing when there is no profile.
  class Span {
   public:
    Span(Profile* profile, const char* name, double flop = 0) : profile_(profile), flop_(flop) {
      if (profile_ != nullptr) Begin(name);
    }
    // A product of [rows, in] with weights [out, in], named by them.
    Span(Profile* profile, int64_t rows, int64_t in, int64_t out)
        : profile_(profile), flop_(2.0 * static_cast<double>(rows * in * out)) {
      if (profile_ != nullptr) Begin("product " + std::to_string(in) + " x " + std::to_string(out));
    }
    ~Span() {
      if (profile_ != nullptr) End();
    }
    Span(const Span&) = delete;
    Span& operator=(const Span&) = delete;

   private:
    void Begin(std::string name);
    void End();

    Profile* const profile_;
    const double flop_;
    Span* outer_ = nullptr;
    std::string name_;
    std::chrono::steady_clock::time_point begin_;
    double inner_ = 0;
  };

 private:
  Span* current_ = nullptr;
  std::map<std::string, Operator> operators_;
};

}  // namespace verdict
