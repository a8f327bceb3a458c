// An Ethernet switch in user space with links of a given rate and delay, between network
// namespaces.
//
//   switch GBIT_PER_SECOND DELAY_MICROSECONDS NAMESPACE...
//
// Puts one TAP device `link0` into each namespace and prints "ready". Port i has the hardware
// address 02:00:00:00:00:<i>; a frame leaves its sender's link after size / rate, travels for the
// delay, and then takes size / rate of the receiver's link (the Hockney model, with full-duplex
// links that both ends share among their peers). A rate of 0 is no limit. Frames keep their order
// on each link. It runs until its input ends, and the devices go with it. Kernels without tc's
// netem have TAP.
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace {

using Nanoseconds = int64_t;

// What the kernel hands over at once with segmentation offload, with headers.
constexpr size_t kFrameBytesMax = 66 * 1024;
// A port drops what would queue beyond this, as a switch does.
constexpr size_t kQueuedBytesMax = 64 * 1024 * 1024;
// struct virtio_net_hdr, whose header is not C++ in every kernel version.
constexpr size_t kHeaderBytes = 10;

struct Frame {
  Nanoseconds deliver_at;
  std::vector<uint8_t> bytes;
};

struct Port {
  int descriptor = -1;
  Nanoseconds sender_free_at = 0;
  Nanoseconds receiver_free_at = 0;
  size_t queued_bytes = 0;
  std::deque<Frame> queue;
};

Nanoseconds Now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1'000'000'000LL + time.tv_nsec;
}

[[noreturn]] void Fail(const std::string& what) {
  std::fprintf(stderr, "%s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

int OpenTap(const char* name_space) {
  const std::string path = std::string("/run/netns/") + name_space;
  const int space = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (space < 0 || setns(space, CLONE_NEWNET) != 0) Fail(path);
  close(space);
  const int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (tap < 0) Fail("/dev/net/tun");
  ifreq request{};
  std::strcpy(request.ifr_name, "link0");
  request.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
  if (ioctl(tap, TUNSETIFF, &request) != 0) Fail("TUNSETIFF");
  // Large segments and unfilled checksums pass from one device to the other as they are.
  if (ioctl(tap, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4) != 0) Fail("TUNSETOFFLOAD");
  return tap;
}

class Switch {
 public:
  Switch(double gbit_per_second, Nanoseconds delay, std::vector<Port> ports)
      : gbit_per_second_(gbit_per_second), delay_(delay), ports_(std::move(ports)) {}

  void Run() {
    std::vector<pollfd> watched;
    for (const Port& port : ports_) watched.push_back({port.descriptor, POLLIN, 0});
    watched.push_back({STDIN_FILENO, POLLIN, 0});
    for (;;) {
      const Nanoseconds wait = std::max<Nanoseconds>(0, NextDelivery() - Now());
      const timespec timeout{wait / 1'000'000'000, wait % 1'000'000'000};
      if (ppoll(watched.data(), watched.size(), &timeout, nullptr) < 0) Fail("ppoll");
      if (watched.back().revents != 0) return;
      for (size_t source = 0; source < ports_.size(); ++source) Receive(source);
      for (Port& port : ports_) Deliver(port);
    }
  }

 private:
  Nanoseconds NextDelivery() const {
    Nanoseconds next = Now() + 1'000'000'000;
    for (const Port& port : ports_) {
      if (!port.queue.empty()) next = std::min(next, port.queue.front().deliver_at);
    }
    return next;
  }

  void Receive(size_t source) {
    static std::vector<uint8_t> buffer(kHeaderBytes + kFrameBytesMax);
    for (;;) {
      const ssize_t size = read(ports_[source].descriptor, buffer.data(), buffer.size());
      if (size < static_cast<ssize_t>(kHeaderBytes + 14)) return;
      const uint8_t* target = buffer.data() + kHeaderBytes;
      const bool is_broadcast = std::all_of(target, target + 6, [](uint8_t b) { return b == 255; });
      const Nanoseconds left_at = Leave(ports_[source], size - kHeaderBytes);
      for (size_t index = 0; index < ports_.size(); ++index) {
        if (index == source) continue;
        // Multicast that is not for all (IPv6 of idle devices) goes nowhere.
        if (is_broadcast || (target[0] == 2 && target[5] == index)) {
          Enqueue(ports_[index], left_at, buffer.data(), size);
        }
      }
    }
  }

  Nanoseconds OnWire(size_t bytes) const {
    if (gbit_per_second_ <= 0) return 0;
    return static_cast<Nanoseconds>(static_cast<double>(bytes) * 8 / gbit_per_second_);
  }

  Nanoseconds Leave(Port& source, size_t bytes) const {
    source.sender_free_at = std::max(source.sender_free_at, Now()) + OnWire(bytes);
    return source.sender_free_at;
  }

  // The receiver's link is taken from the moment the frame's first bit arrives.
  void Enqueue(Port& port, Nanoseconds left_at, const uint8_t* bytes, size_t size) const {
    if (port.queued_bytes + size > kQueuedBytesMax) return;
    const Nanoseconds wire = OnWire(size - kHeaderBytes);
    const Nanoseconds begin = std::max(port.receiver_free_at, left_at - wire + delay_);
    port.receiver_free_at = begin + wire;
    port.queued_bytes += size;
    port.queue.push_back({port.receiver_free_at, std::vector<uint8_t>(bytes, bytes + size)});
  }

  static void Deliver(Port& port) {
    while (!port.queue.empty() && port.queue.front().deliver_at <= Now()) {
      const std::vector<uint8_t>& bytes = port.queue.front().bytes;
      // A device that is down or full loses the frame, as a cable would.
      [[maybe_unused]] const ssize_t written = write(port.descriptor, bytes.data(), bytes.size());
      port.queued_bytes -= bytes.size();
      port.queue.pop_front();
    }
  }

  const double gbit_per_second_;
  const Nanoseconds delay_;
  std::vector<Port> ports_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5 || argc > 3 + 250) {
    std::fprintf(stderr, "usage: switch GBIT_PER_SECOND DELAY_MICROSECONDS NAMESPACE...\n");
    return 2;
  }
  std::vector<Port> ports(argc - 3);
  for (int index = 0; index < argc - 3; ++index) {
    ports[index].descriptor = OpenTap(argv[index + 3]);
  }
  std::puts("ready");
  std::fflush(stdout);
  Switch(std::atof(argv[1]), std::atoll(argv[2]) * 1000, std::move(ports)).Run();
}
