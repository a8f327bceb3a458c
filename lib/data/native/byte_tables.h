// Values of images replaced by tables.
#ifndef CRESCENDO_BYTE_TABLES_H_
#define CRESCENDO_BYTE_TABLES_H_

#include <array>
#include <cstdint>

namespace crescendo {

using ByteTable = std::array<uint8_t, 256>;

// Replaces each of `count` values.
void MapBytes(const ByteTable& table, int count, uint8_t* values);

// Replaces values of interleaved channels, each channel by its own table; `count` of all together.
void MapChannelBytes(const std::array<ByteTable, 3>& tables, int count, uint8_t* values);

}  // namespace crescendo

#endif
