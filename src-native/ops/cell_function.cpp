#include "cell_function.h"

#include <string>

namespace deltalab {

namespace {

using Kind = CellFunction::Kind;

/** ONNX's names; defaults of the parameters, where a function has them. */
struct Named {
  const char* name;
  Kind kind;
  Activation activation;
  bool hasAlpha, hasBeta;
  double alpha, beta;
};

const Named kFunctions[] = {
    {"Sigmoid", Kind::Kernel, Activation::Sigmoid, false, false, 0, 0},
    {"Tanh", Kind::Kernel, Activation::Tanh, false, false, 0, 0},
    {"Relu", Kind::Kernel, Activation::Relu, false, false, 0, 0},
    {"Softplus", Kind::Kernel, Activation::Softplus, false, false, 0, 0},
    {"Softsign", Kind::Softsign, Activation::None, false, false, 0, 0},
    {"LeakyRelu", Kind::Kernel, Activation::LeakyRelu, true, false, 0.01, 0},
    {"Elu", Kind::Kernel, Activation::Elu, true, false, 1, 0},
    {"ThresholdedRelu", Kind::ThresholdedRelu, Activation::None, true, false, 1, 0},
    {"Affine", Kind::Affine, Activation::None, true, true, 1, 0},
    {"ScaledTanh", Kind::ScaledTanh, Activation::None, true, true, 1, 1},
    {"HardSigmoid", Kind::HardSigmoid, Activation::None, true, true, 0.2, 0.5},
};

const Named& functionNamed(const NodeContext& context, const std::string& name) {
  for (const Named& known : kFunctions) {
    if (name == known.name) return known;
  }
  context.failAttribute("activations", name + " is none of ONNX's activations of recurrent cells");
}

/** The next number of a list; `otherwise` where it is used up. */
double next(const std::vector<double>& values, size_t& at, double otherwise) { return at < values.size() ? values[at++] : otherwise; }

template <class T>
void evaluate(const CellFunction& f, T* x, size_t n) {
  if (f.kind == Kind::Kernel) return applyActivation(f.activation, x, x, n, f.alpha);
  for (size_t i = 0; i < n; ++i) x[i] = cellValue(f, x[i]);
}

}  // namespace

std::vector<CellFunction> cellFunctions(const NodeContext& context, const std::vector<const char*>& usual, int directions) {
  std::vector<std::string> names = context.texts("activations");
  for (int i = 0; i < directions && !context.hasAttribute("activations"); ++i) names.insert(names.end(), usual.begin(), usual.end());
  const size_t wanted = usual.size() * static_cast<size_t>(directions);
  if (names.size() != wanted) context.failAttribute("activations", std::to_string(wanted) + " names are needed");
  const double clip = context.number("clip", 0);
  if (!(clip >= 0)) context.failAttribute("clip", "it must not be negative");
  const std::vector<double> alphas = context.numbers("activation_alpha"), betas = context.numbers("activation_beta");
  size_t alphaAt = 0, betaAt = 0;
  std::vector<CellFunction> functions;
  for (const std::string& name : names) {
    const Named& known = functionNamed(context, name);
    CellFunction function{known.kind, known.activation, known.alpha, known.beta, clip};
    if (known.hasAlpha) function.alpha = next(alphas, alphaAt, known.alpha);
    if (known.hasBeta) function.beta = next(betas, betaAt, known.beta);
    // Backward reads the output, which must tell on which side of a bend the input was, or be invertible.
    const bool bends = function.activation == Activation::LeakyRelu || function.activation == Activation::Elu;
    if ((bends && !(function.alpha >= 0)) || (function.kind == Kind::ScaledTanh && function.alpha == 0)) {
      context.failAttribute("activation_alpha", name + " cannot be trained with " + std::to_string(function.alpha));
    }
    functions.push_back(function);
  }
  return functions;
}

template <class T>
void applyCell(const CellFunction& f, T* x, size_t n) {
  for (size_t i = 0; f.clip > 0 && i < n; ++i) x[i] = clipped(f, x[i]);
  evaluate(f, x, n);
}

template <class T>
void applyCellSlope(const CellFunction& f, const T* y, const T* dy, T* dx, size_t n) {
  if (f.clip > 0) {
    // What was clipped has the function's value at a bound, to the last bit: it depends on the input alone.
    T bounds[2] = {static_cast<T>(f.clip), static_cast<T>(-f.clip)};
    evaluate(f, bounds, 2);
    for (size_t i = 0; i < n; ++i) {
      const T value = y[i], gradient = dy[i];
      dx[i] = value == bounds[0] || value == bounds[1] ? T(0) : gradient * cellSlope(f, value);
    }
    return;
  }
  if (f.kind == Kind::Kernel) return applySlope(f.activation, y, dy, dx, n, f.alpha);
  for (size_t i = 0; i < n; ++i) dx[i] = dy[i] * cellSlope(f, y[i]);
}

template void applyCell<float>(const CellFunction&, float*, size_t);
template void applyCell<double>(const CellFunction&, double*, size_t);
template void applyCellSlope<float>(const CellFunction&, const float*, const float*, float*, size_t);
template void applyCellSlope<double>(const CellFunction&, const double*, const double*, double*, size_t);

}  // namespace deltalab
