using System.CommandLine;

namespace MLNetMeta.Reproduce;

/// <summary>The table of experiments; a new one is a row here and a file.</summary>
internal static class Experiments
{
    public static RootCommand Command() =>
        new("Reproduces the paper's experiments: one command each, which writes a table (Markdown, CSV) and plots (PNG).")
    {
        SinusoidExperiment.Command(),
        VisualExperiment.Command(),
        MetaOptimizationExperiment.Command(),
        TheoryExperiment.Command(),
        MemoryExperiment.Command(),
        BanditExperiment.Command(),
        SpikingExperiment.Command(),
        ReportCommand.Command(),
    };
}
