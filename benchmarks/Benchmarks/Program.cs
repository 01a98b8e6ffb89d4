using MLNetMeta.Benchmarks;

// dotnet run -c Release --project benchmarks/Benchmarks [scoring|single|adapt|meta|all] [rounds]
// dotnet run -c Release --project benchmarks/Benchmarks learner PATH [features]   (writes a learner with random weights)
var what = args.Length > 0 ? args[0] : "all";
if (what == "learner")
{
    File.WriteAllBytes(args[1], BenchmarkModel.LearnerFile(args.Length > 2 ? int.Parse(args[2], null) : BenchmarkModel.Features));
    return;
}
var rounds = args.Length > 1 ? int.Parse(args[1], null) : 15;
Console.WriteLine($"{Environment.ProcessorCount} processors, .NET {Environment.Version}, {rounds} rounds");
if (what is "scoring" or "all")
{
    using var scoring = new ScoringBenchmark();
    scoring.Run(Console.Out, rounds);
}
if (what is "single" or "all")
    SingleRowBenchmark.Run(Console.Out, rounds);
if (what is "adapt" or "all")
    AdaptationBenchmark.Run(Console.Out, rounds);
if (what is "meta" or "all")
    MetaStepBenchmark.Run(Console.Out, rounds);
