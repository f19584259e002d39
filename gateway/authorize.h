#pragma once

#include "gateway/http/http_conventions.h"
#include "security/options.h"

namespace verdict {

// Makes a server ask for TLS and credentials as the operator has said; without either it stays as it is. A refusal is logged with
// the caller's name and why, never with the credential.
void Secure(const Security& security, HttpConventions& conventions);

}  // namespace verdict
