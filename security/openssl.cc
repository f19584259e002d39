#include "security/openssl.h"

#include "openssl/err.h"

namespace verdict {

std::string TakeOpenSslError() {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  const char* const reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return reason == nullptr ? "unknown" : reason;
}

}  // namespace verdict
