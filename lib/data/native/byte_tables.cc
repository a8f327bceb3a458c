#include "byte_tables.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace crescendo {
namespace {

#if defined(__x86_64__)

#define CRESCENDO_VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi")))

constexpr int kRegister = 64;

// A table in registers: two instructions look up one half of it each.
struct TableRegisters {
  __m512i quarters[4];
};

CRESCENDO_VBMI inline TableRegisters Loaded(const ByteTable& table) {
  TableRegisters registers;
  for (int i = 0; i < 4; i++) {
    registers.quarters[i] = _mm512_loadu_si512(table.data() + i * kRegister);
  }
  return registers;
}

CRESCENDO_VBMI inline __m512i Mapped(const TableRegisters& table, __m512i values) {
  const __m512i low = _mm512_permutex2var_epi8(table.quarters[0], values, table.quarters[1]);
  const __m512i high = _mm512_permutex2var_epi8(table.quarters[2], values, table.quarters[3]);
  return _mm512_mask_blend_epi8(_mm512_movepi8_mask(values), low, high);
}

// @returns how many it has replaced
CRESCENDO_VBMI int MapVbmi(const ByteTable& table, int count, uint8_t* values) {
  const TableRegisters registers = Loaded(table);
  int at = 0;
  for (; at + kRegister <= count; at += kRegister) {
    _mm512_storeu_si512(values + at, Mapped(registers, _mm512_loadu_si512(values + at)));
  }
  return at;
}

// @returns how many it has replaced, a multiple of 3
CRESCENDO_VBMI int MapChannelsVbmi(const std::array<ByteTable, 3>& tables, int count,
                                   uint8_t* values) {
  const TableRegisters red = Loaded(tables[0]);
  const TableRegisters green = Loaded(tables[1]);
  const TableRegisters blue = Loaded(tables[2]);
  // Every third byte, from the second on, and from the third on.
  constexpr __mmask64 kSecond = 0x2492492492492492, kThird = 0x4924924924924924;
  constexpr int kStep = 63;
  int at = 0;
  // The byte behind 21 pixels is replaced in the next turn.
  constexpr __mmask64 kPixels = ~(1ull << kStep);
  for (; at + kRegister <= count; at += kStep) {
    const __m512i old = _mm512_loadu_si512(values + at);
    __m512i mapped = Mapped(red, old);
    mapped = _mm512_mask_blend_epi8(kSecond, mapped, Mapped(green, old));
    mapped = _mm512_mask_blend_epi8(kThird, mapped, Mapped(blue, old));
    _mm512_mask_storeu_epi8(values + at, kPixels, mapped);
  }
  return at;
}

bool HasVbmi() {
  static const bool has =
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi");
  return has;
}

#else

bool HasVbmi() { return false; }
int MapVbmi(const ByteTable&, int, uint8_t*) { return 0; }
int MapChannelsVbmi(const std::array<ByteTable, 3>&, int, uint8_t*) { return 0; }

#endif

}  // namespace

void MapBytes(const ByteTable& table, int count, uint8_t* values) {
  for (int at = HasVbmi() ? MapVbmi(table, count, values) : 0; at < count; at++) {
    values[at] = table[values[at]];
  }
}

void MapChannelBytes(const std::array<ByteTable, 3>& tables, int count, uint8_t* values) {
  for (int at = HasVbmi() ? MapChannelsVbmi(tables, count, values) : 0; at < count; at += 3) {
    for (int channel = 0; channel < 3; channel++) {
      values[at + channel] = tables[channel][values[at + channel]];
    }
  }
}

}  // namespace crescendo
