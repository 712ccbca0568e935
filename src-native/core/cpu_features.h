#pragma once

namespace deltalab {

/** Ordered: a processor that has one has all below it. Baseline is SSE2 on x86 and generic vector code elsewhere. */
enum class InstructionSet { Baseline = 0, Avx2 = 1, Avx512 = 2 };

/** The widest set that the processor and the operating system support. */
InstructionSet widestInstructionSet();

/**
 * The set the kernels use: the widest, lowered by the environment variable DELTALAB_ISA (baseline, avx2, avx512), which
 * is read once. Throws std::runtime_error when the variable holds another word.
 */
InstructionSet instructionSet();

/** Changes the set for the whole process, for tests. Throws std::invalid_argument when the processor lacks it. */
void useInstructionSet(InstructionSet set);

/** "baseline" (x86) or "generic" (elsewhere), "avx2", "avx512". */
const char* instructionSetName(InstructionSet set);

}  // namespace deltalab
