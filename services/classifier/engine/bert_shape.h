#pragma once

#include "services/classifier/engine/config_reader.h"
#include "services/classifier/engine/post_norm.h"

namespace verdict {

// The members of config.json that most encoders share with BERT; `defaults` are those of the architecture's configuration class.
PostNormShape ReadBertShape(ConfigReader& reader,
                            const PostNormShape& defaults = {
                                .hidden = 768, .layers = 12, .heads = 12, .intermediate = 3072, .epsilon = 1e-12});

}  // namespace verdict
