using System.CommandLine;
using MLNetMeta.Reproduce;

// dotnet run -c Release --project benchmarks/Reproduce -- EXPERIMENT [--quick] [--seed N] [--output FOLDER] [--threads N]
var root = new RootCommand("Reproduces the paper's experiments: one command each, which writes a table (Markdown, CSV) and plots (PNG).")
{
    SinusoidExperiment.Command(),
    TheoryExperiment.Command(),
    MemoryExperiment.Command(),
    MetaOptimizationExperiment.Command(),
    OmniglotExperiment.Command(),
    ReportCommand.Command(),
};
return root.Parse(args).Invoke();
