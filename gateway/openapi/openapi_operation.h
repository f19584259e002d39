#pragma once

#include "boost/json/object.hpp"

namespace verdict {

// Joins operations of one method and path into one that takes and answers what any of them does. `components` is where their
// references lead; they stay as they are where both have the same.
void MergeOperation(boost::json::object& into, const boost::json::object& from, const boost::json::object& components);

// Joins what two answer with one status: content per media type, headers, both descriptions.
void MergeResponse(boost::json::value& into, const boost::json::value& from, const boost::json::object& components);

}  // namespace verdict
