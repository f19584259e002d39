// The names in a client's certificate, which is DER from the network.
#include <string>
#include <vector>

#include "security/certificate_names.h"
#include "tests/fuzz/fuzz_target.h"

namespace verdict {

void Fuzz(std::string_view bytes) {
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  const X509Ptr certificate(d2i_X509(nullptr, &data, static_cast<long>(bytes.size())));
  if (!certificate) return (void)TakeOpenSslError();
  for (const std::string& name : NamesOf(*certificate)) {
    const size_t colon = name.find(':');
    Expect(colon != std::string::npos && colon + 1 < name.size(), "a name has a kind");
    const std::string kind = name.substr(0, colon);
    Expect(kind == "uri" || kind == "dns" || kind == "email" || kind == "cn", "a name has one of four kinds");
    Expect(name.find('\0') == std::string::npos, "a name has no zero");
    Expect(name.size() <= 1024 + 6, "a name is not long");
  }
  (void)TakeOpenSslError();
}

}  // namespace verdict
