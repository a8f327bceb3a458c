#include "render.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>

#include "distortions.h"

namespace crescendo {
namespace {

static_assert(kPlanStride == kFieldCount + kDistortionsMax * (1 + kDistortionArguments), "");

// Processor time of this thread, which other load on the machine changes little; reading also
// waits, so that its time is that of the clock.
int64_t Now(Stage stage) {
  timespec now;
  clock_gettime(stage == kReading ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000000000 + now.tv_nsec;
}

// Adds the time of its life to a stage.
class StageTimer {
 public:
  StageTimer(Stage stage, RenderScratch* scratch)
      : stage_(stage), total_(&scratch->spent[stage]), begin_(Now(stage)) {}
  StageTimer(const StageTimer&) = delete;
  ~StageTimer() { *total_ += Now(stage_) - begin_; }

 private:
  const Stage stage_;
  int64_t* const total_;
  const int64_t begin_;
};

int Whole(const double* plan, PlanField field) { return static_cast<int>(plan[field]); }

class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  OpenFile(const OpenFile&) = delete;
  ~OpenFile() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int descriptor() const { return descriptor_; }

 private:
  const int descriptor_;
};

std::string SystemError() { return std::strerror(errno); }

// @param length 0: to the end
std::string ReadFile(const std::string& path, size_t offset, size_t length,
                     std::vector<uint8_t>* content) {
  const OpenFile file(path);
  if (file.descriptor() < 0) return SystemError();
  if (length == 0) {
    struct stat status;
    if (fstat(file.descriptor(), &status) != 0) return SystemError();
    if (static_cast<size_t>(status.st_size) <= offset) return "it is empty";
    length = static_cast<size_t>(status.st_size) - offset;
  }
  content->resize(length);
  for (size_t filled = 0; filled < length;) {
    const ssize_t got =
        pread(file.descriptor(), content->data() + filled, length - filled, offset + filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError();
    if (got == 0) return "it is cut off";
    filled += static_cast<size_t>(got);
  }
  return "";
}

std::string DecodeEncoded(const double* plan, const Source& source, const Box& box, int side,
                          RenderScratch* scratch, DecodedBox* decoded) {
  const size_t offset = static_cast<size_t>(plan[kOffset]);
  size_t length = static_cast<size_t>(plan[kLength]);
  const uint8_t* bytes = source.data;
  if (bytes == nullptr) {
    const StageTimer timer(kReading, scratch);
    const std::string wrong = ReadFile(source.path, offset, length, &scratch->file);
    if (!wrong.empty()) return wrong;
    bytes = scratch->file.data();
    length = scratch->file.size();
  } else {
    bytes += offset;
    if (length == 0) length = source.size - offset;
  }
  const StageTimer timer(kDecoding, scratch);
  return DecodeJpegBox(bytes, length, Whole(plan, kWidth), Whole(plan, kHeight), box, side,
                       &scratch->pixels, decoded);
}

// The pixels of the box where they are copied as they are: the side is that of the box.
void CopyBox(const PixelView& view, const Box& box, bool flip, uint8_t* output) {
  for (int y = 0; y < box.height; y++) {
    const uint8_t* row =
        view.pixels + (static_cast<size_t>(box.top + y) * view.width + box.left) * view.channels;
    uint8_t* target = output + static_cast<size_t>(y) * box.width * 3;
    if (!flip && view.channels == 3) {
      std::memcpy(target, row, static_cast<size_t>(box.width) * 3);
      continue;
    }
    for (int x = 0; x < box.width; x++) {
      const uint8_t* pixel = row + (flip ? box.width - 1 - x : x) * view.channels;
      for (int channel = 0; channel < 3; channel++) {
        target[x * 3 + channel] = pixel[view.channels == 3 ? channel : 0];
      }
    }
  }
}

// Index of the mirrored sequence ... 1 0 | 0 1 ... n-1 | n-1 n-2 ...
int Mirrored(int index, int length) {
  const int period = 2 * length;
  const int wrapped = ((index % period) + period) % period;
  return wrapped < length ? wrapped : period - 1 - wrapped;
}

// Pixel (x, y) of the output is (x + right, y + down) of the square, which is mirrored beyond its
// borders.
void Shift(const uint8_t* square, int side, int right, int down, uint8_t* output) {
  for (int y = 0; y < side; y++) {
    const uint8_t* row = square + static_cast<size_t>(Mirrored(y + down, side)) * side * 3;
    uint8_t* target = output + static_cast<size_t>(y) * side * 3;
    const int begin = std::max(0, -right);
    const int end = std::min(side, side - right);
    if (begin < end) std::memcpy(target + begin * 3, row + (begin + right) * 3, (end - begin) * 3);
    for (int x = 0; x < side; x++) {
      if (x == begin && begin < end) x = end;
      if (x >= side) break;
      std::memcpy(target + x * 3, row + Mirrored(x + right, side) * 3, 3);
    }
  }
}

void Place(const double* plan, const DecodedBox& decoded, bool is_copy, const Box& box,
           const RenderSettings& settings, RenderScratch* scratch, uint8_t* output) {
  const StageTimer timer(kResampling, scratch);
  const bool flip = plan[kFlip] != 0;
  if (is_copy) return CopyBox(decoded.view, box, flip, output);
  Resample(decoded.view, decoded.columns, decoded.rows, settings.filter, flip, settings.side,
           &scratch->resample, output);
}

}  // namespace

std::string Render(const double* plan, const std::vector<Source>& sources,
                   const RenderSettings& settings, RenderScratch* scratch, uint8_t* output) {
  scratch->spent = {};
  const int side = settings.side;
  const Box box = {Whole(plan, kLeft), Whole(plan, kTop), Whole(plan, kBoxWidth),
                   Whole(plan, kBoxHeight)};
  const Source& source = sources[static_cast<size_t>(plan[kSource])];
  DecodedBox decoded;
  bool is_copy = false;
  if (plan[kIsEncoded] != 0) {
    const std::string wrong = DecodeEncoded(plan, source, box, side, scratch, &decoded);
    if (!wrong.empty()) return wrong;
  } else {
    decoded.view = {source.data + static_cast<size_t>(plan[kOffset]), Whole(plan, kWidth),
                    Whole(plan, kHeight), Whole(plan, kChannels)};
    decoded.columns = {plan[kLeft], plan[kBoxWidth]};
    decoded.rows = {plan[kTop], plan[kBoxHeight]};
    is_copy = box.width == side && box.height == side;
  }
  const int right = Whole(plan, kShiftX);
  const int down = Whole(plan, kShiftY);
  if (right == 0 && down == 0) {
    Place(plan, decoded, is_copy, box, settings, scratch, output);
  } else {
    scratch->square.resize(static_cast<size_t>(side) * side * 3);
    Place(plan, decoded, is_copy, box, settings, scratch, scratch->square.data());
    Shift(scratch->square.data(), side, right, down, output);
  }
  const StageTimer timer(kDistorting, scratch);
  const double* row = plan + kFieldCount;
  for (int i = 0; i < Whole(plan, kDistortionCount); i++, row += 1 + kDistortionArguments) {
    Distort({static_cast<DistortionKind>(static_cast<int>(row[0])), row + 1}, side,
            &scratch->distorted, output);
  }
  return "";
}

}  // namespace crescendo
