// What happens when there is no memory and no way to say so.
#ifndef CRESCENDO_OUT_OF_MEMORY_H_
#define CRESCENDO_OUT_OF_MEMORY_H_

namespace crescendo {

// From now on the process ends with a message that names memory, and with SIGABRT, where an
// exception for want of memory would be thrown: TensorFlow is compiled without the clean-up of
// exceptions, so one that passes through it leaves its locks locked.
void DieWhenOutOfMemory();

}  // namespace crescendo

#endif
