/** KaTeX for the help of each training setting, in the notation of the lecture: w weights, η learning rate, y output, d target. */
export const settingFormulas: Partial<Record<string, string>> = {
  learningRate: String.raw`w \leftarrow w - \eta\,\frac{\partial E}{\partial w}`,
  loss: String.raw`E = \tfrac1N\sum_i F(d_i,\,y_i)`,
  lossMse: String.raw`E = \tfrac{1}{NM}\sum_{i,j} (y_{ij}-d_{ij})^2`,
  lossHalfSquared: String.raw`E = \tfrac1N\sum_i \tfrac12\sum_j (y_{ij}-d_{ij})^2`,
  lossCrossEntropy: String.raw`E = -\tfrac1N\sum_i \log \frac{e^{y_{i d_i}}}{\sum_c e^{y_{ic}}}`,
  lossBceLogits: String.raw`E = -\tfrac1{NM}\sum_{i,j} d\log\sigma(y) + (1-d)\log(1-\sigma(y))`,
  momentum: String.raw`v \leftarrow \mu v + \frac{\partial E}{\partial w},\quad w \leftarrow w - \eta v`,
  nesterov: String.raw`w \leftarrow w - \eta\left(\frac{\partial E}{\partial w} + \mu v\right)`,
  dampening: String.raw`v \leftarrow \mu v + (1-\tau)\frac{\partial E}{\partial w}`,
  weightDecay: String.raw`\frac{\partial E}{\partial w} \leftarrow \frac{\partial E}{\partial w} + \lambda w`,
  batch: String.raw`\Delta w = -\eta\,\frac1B\sum_{i=1}^{B}\frac{\partial E_i}{\partial w}`,
  batchSize: String.raw`\text{steps per epoch} = \lceil N / B \rceil`,
  epochs: String.raw`\text{steps} = \text{epochs}\cdot\lceil N / B \rceil`,
  targetLoss: String.raw`E \le \varepsilon`,
  divergenceFactor: String.raw`E > k\,E_0`,
};
