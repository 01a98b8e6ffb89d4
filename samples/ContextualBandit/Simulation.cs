using System.Globalization;
using System.Diagnostics;
using MLNetMeta.Transforms;

namespace MLNetMeta.Samples;

/// <summary>
/// Simulates visitors of new shops. Compares the earnings of the service with random offers, the best single offer and the best possible
/// offers. Halfway, the service is stopped and started again.
/// </summary>
internal static class Simulation
{
    public static void Run(Learner learner, string folder, int shops, int visits, double exploration)
    {
        var earned = new (double Service, double Random, double Single, double Best)[visits];
        double milliseconds = 0;
        for (var number = 0; number < shops; number++)
        {
            var random = new Random(1000 + number);
            var shop = Shop.Open(random);
            var contexts = Enumerable.Range(0, visits).Select(_ => Shop.Visit(random)).ToArray();
            var single = Enumerable.Range(0, Shop.Offers.Length).MaxBy(offer => contexts.Sum(context => shop.Expected(context, offer)));
            var service = new DecisionService(learner, Shop.Offers, folder, exploration);
            try
            {
                for (var visit = 0; visit < visits; visit++)
                {
                    if (visit == visits / 2)
                    {
                        service.Dispose();
                        service = new DecisionService(learner, Shop.Offers, folder, exploration);
                    }

                    var context = contexts[visit];
                    var clock = Stopwatch.GetTimestamp();
                    var decision = service.Choose($"new shop {number}", context);
                    var offer = Array.IndexOf(Shop.Offers, decision.Arm);
                    service.Reward($"new shop {number}", decision.Id, shop.Earn(context, offer, random));
                    milliseconds += Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
                    var expected = Enumerable.Range(0, Shop.Offers.Length).Select(o => shop.Expected(context, o)).ToArray();
                    earned[visit].Service += expected[offer];
                    earned[visit].Random += expected.Average();
                    earned[visit].Single += expected[single];
                    earned[visit].Best += expected.Max();
                }
            }
            finally
            {
                service.Dispose();
            }
        }

        Console.WriteLine($"{shops} new shops, {visits} visits each; share of what the best offers would have earned:");
        Console.WriteLine($"{"visits",-12}{"service",10}{"at random",12}{"best single offer",20}");
        for (var first = 0; first < visits;)
        {
            var last = Math.Min(visits, first == 0 ? 10 : first * 3);
            var slice = earned[first..last];
            var best = slice.Sum(e => e.Best);
            var (service, random, single) = (
                slice.Sum(e => e.Service) / best, slice.Sum(e => e.Random) / best, slice.Sum(e => e.Single) / best);
            Console.WriteLine(FormattableString.Invariant($"{$"{first + 1} to {last}",-12}{service,10:P1}{random,12:P1}{single,20:P1}"));
            first = last;
        }

        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{milliseconds / (shops * visits):F1} ms a decision and its reward, adaptation included. Stopped and started again "
                + $"after {visits / 2} visits of every shop."));
    }
}
