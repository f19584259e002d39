// Precompiled for this folder: LibTorch's headers take longer to read than all of our code.
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <vector>
